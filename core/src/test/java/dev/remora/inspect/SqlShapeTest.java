package dev.remora.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlShapeTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '§',
            quoteCharacter = '`',
            value = {
                "42                                § 0n",
                "hello world                       § 0ww",
                "1 or 1=1                          § 0n&n=n",
                "1 || 2 && !3                      § 0n&n&~n",
                "1.5e3 <=> 0x1f                    § 0n=n",
                "a.b + @@version * @x              § 0w+v*v",
                "1 union all select count(*), x    § 0nUASf(*),w",
                "count the select                  § 0wwS",
                "sleep (5); sleep 5                § 0Z(n);wn",
                "a /* note */ b /*! or */ c        § 0ww&w",
                "1 /*!50001union*/ select 1        § 0nUSn",
                "1 -- -                            § 0nc",
                "1 -- and more                     § 0nC",
                "1 # and more                      § 0nC",
                "1 /* and more                     § 0nC",
                "[a] ? b                           § 0wxw",
                "exec master..xp_cmdshell          § 0Ew..q",
                "select 1 from sqlite_master       § 0SnFi",
                "me@example.com                    § 0wv",
            })
    void aTextIsReadInThePlaceOfANumber(String text, String shape) {
        assertThat(SqlShape.of(text)).isEqualTo(shape);
    }

    @Test
    void aTextWithAQuoteIsReadFromTheInsideOfAStringToo() {
        assertThat(SqlShape.of("o'brien")).isEqualTo("0ws\n'sw");
        assertThat(SqlShape.of("' or 1=1 --")).isEqualTo("0s\n's&n=nc");
        assertThat(SqlShape.of("a\" or \"1\"=\"1")).isEqualTo("0wsnsn\n\"s&n=n");
    }

    @Test
    void aLineEndsAComment() {
        assertThat(SqlShape.of("1 -- x\n or 2")).isEqualTo("0nc&n");
    }
}
