package dev.remora.inspect;

import java.util.HashMap;
import java.util.Map;

/** The words of SQL, as tokens of a {@link SqlShape}. */
final class SqlWords {

    private static final char NAME = 'w';

    private static final Map<String, Character> KEYWORDS = tokens(
            "& and or xor",
            "~ not binary",
            "l like rlike ilike regexp glob",
            "k in is between",
            "n true false null",
            "U union except intersect",
            "A all distinct distinctrow",
            "S select",
            "V values",
            "F from",
            "W where",
            "o order group",
            "b by",
            "H having",
            "L limit offset",
            "D drop alter create truncate",
            "T table database schema view index trigger procedure function user login column",
            "M insert delete replace merge",
            "P update",
            "e set",
            "E exec execute call declare shutdown",
            "I into",
            "Q outfile dumpfile",
            "Y waitfor",
            "K case",
            "N when");

    // They are themselves only in front of a parenthesis: much of it is plain English, too.
    private static final Map<String, Character> FUNCTIONS = tokens(
            "X benchmark pg_sleep load_file extractvalue updatexml analyse",
            "X dbms_pipe.receive_message dbms_lock.sleep dbms_ldap.init utl_http.request utl_inaddr.get_host_address",
            "X xmltype lo_import lo_export pg_read_file pg_ls_dir load_extension randomblob openrowset opendatasource",
            "Z sleep",
            "f char chr nchar concat concat_ws group_concat string_agg substring substr mid left right ascii ord hex",
            "f unhex if ifnull iif isnull nullif coalesce version user database current_user session_user system_user",
            "f schema count length len char_length cast convert exists extract rand md5 sha1 elt greatest lower upper",
            "f db_name host_name row json_extract instr locate strcmp bin make_set export_set name_const exp floor",
            "f sqlite_version current_database row_count found_rows to_char unicode reverse stuff");

    private static final Map<String, Character> CATALOGS = tokens(
            "i information_schema sys sysobjects syscolumns sysusers sysdatabases pg_catalog pg_user pg_shadow",
            "i pg_database pg_tables pg_class sqlite_master sqlite_schema all_tables user_tables all_tab_columns dba_users",
            "i v$version msysobjects mysql performance_schema");

    private SqlWords() {}

    /** The token of a word in lower case: its kind; {@code w} for a name. */
    static char token(String word, boolean beforeParenthesis) {
        Character keyword = KEYWORDS.get(word);
        if (keyword != null) {
            // Function and keyword both: insert(), replace(), user(), values().
            return beforeParenthesis && FUNCTIONS.containsKey(word) ? FUNCTIONS.get(word) : keyword;
        }
        if (beforeParenthesis && FUNCTIONS.containsKey(word)) {
            return FUNCTIONS.get(word);
        }
        if (word.startsWith("xp_") || word.startsWith("sp_") || word.contains(".xp_") || word.contains(".sp_")) {
            return 'q';
        }
        int dot = word.indexOf('.');
        String owner = dot < 0 ? word : word.substring(0, dot);
        boolean catalog = CATALOGS.containsKey(owner) && (dot >= 0 || !owner.equals("sys") && !owner.equals("mysql"));
        return catalog ? 'i' : NAME;
    }

    private static Map<String, Character> tokens(String... lines) {
        Map<String, Character> tokens = new HashMap<>();
        for (String line : lines) {
            for (String word : line.substring(2).split(" ", -1)) {
                tokens.put(word, line.charAt(0));
            }
        }
        return Map.copyOf(tokens);
    }
}
