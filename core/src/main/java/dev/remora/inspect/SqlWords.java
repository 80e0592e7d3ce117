package dev.remora.inspect;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

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

    private static final Set<String> CATALOGS = Set.of(
            "information_schema",
            "performance_schema",
            "sysobjects",
            "syscolumns",
            "sysusers",
            "sysdatabases",
            "pg_catalog",
            "pg_user",
            "pg_shadow",
            "pg_database",
            "pg_tables",
            "pg_class",
            "sqlite_master",
            "sqlite_schema",
            "all_tables",
            "user_tables",
            "all_tab_columns",
            "dba_users",
            "v$version",
            "msysobjects");

    private SqlWords() {}

    /** The token of a word in lower case: its kind; {@code w} for a name. */
    static char token(String word, boolean beforeParenthesis) {
        // First, since some are keywords, too: user, schema.
        Character function = beforeParenthesis ? FUNCTIONS.get(word) : null;
        Character known = function == null ? KEYWORDS.get(word) : function;
        if (known != null) {
            return known;
        }
        return isProcedure(word) ? 'q' : isCatalog(word) ? 'i' : NAME;
    }

    // The built-in ones of SQL Server.
    private static boolean isProcedure(String word) {
        return word.startsWith("xp_") || word.startsWith("sp_") || word.contains(".xp_") || word.contains(".sp_");
    }

    private static boolean isCatalog(String word) {
        int dot = word.indexOf('.');
        return dot < 0 ? CATALOGS.contains(word) : CATALOGS.contains(word.substring(0, dot));
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
