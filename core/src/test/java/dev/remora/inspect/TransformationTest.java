package dev.remora.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

class TransformationTest {

    private static String transformed(String name, String text) {
        return Objects.requireNonNull(Transformation.NAMED.get(name)).of(text);
    }

    @Test
    void percentEscapesAreDecodedOnceAndWhatIsNoneStays() {
        assertThat(transformed("percent", "%27%2527 100% %zz %4")).isEqualTo("'%27 100% %zz %4");
        assertThat(transformed("percent", "%u0027%U003c%u12")).isEqualTo("'<%u12");
        assertThat(transformed("percent", "a+b")).isEqualTo("a+b");
        assertThat(PercentDecoding.decoded("a+b%2B", true)).isEqualTo("a b+");
    }

    @Test
    void utf8IsDecodedOverlongToo() {
        assertThat(transformed("percent", "%C3%A9%F0%9F%99%82")).isEqualTo("é🙂");
        assertThat(transformed("percent", "%c0%bc%e0%80%bc")).isEqualTo("<<");
        assertThat(transformed("percent", "%ff'%c3x%bf")).isEqualTo("\uFFFD'\uFFFDx\uFFFD");
        assertThat(transformed("percent", "%f7%bf%bf%bf")).startsWith("\uFFFD");
    }

    @Test
    void escapesOfJavaScriptAreDecoded() {
        assertThat(transformed("escapes", "\\x3c\\u003c\\u{3c}\\u{000003C}")).isEqualTo("<<<<");
        assertThat(transformed("escapes", "\\xzz\\u12\\u{}\\u{3c\\u{ffffff}\\n\\"))
                .isEqualTo("\\xzz\\u12\\u{}\\u{3c\\u{ffffff}\\n\\");
    }

    @Test
    void referencesOfHtmlAreDecoded() {
        assertThat(transformed("entities", "&lt;&LT;&#60;&#60&#x3c;&#X3C&#0000000000060;"))
                .isEqualTo("<<<<<<<");
        assertThat(transformed("entities", "j&Tab;s&colon;")).isEqualTo("j\ts:");
        assertThat(transformed("entities", "a&b &nope; &lt &#; &#x; &")).isEqualTo("a&b &nope; &lt &#; &#x; &");
        assertThat(transformed("entities", "&#99999999999999999999;")).isEqualTo("\uFFFD");
    }

    @Test
    void charactersThatPassForOthersAreFolded() {
        assertThat(transformed("fold", "＇ＯＲ ʼ ﹤ſcript")).isEqualTo("'OR ' <script");
        assertThat(transformed("visible", "s\0c\u200Br\uFEFFipt")).isEqualTo("script");
        assertThat(transformed("spaces", "a \t\u000B\u00A0\nb")).isEqualTo("a b");
        assertThat(transformed("lower", "SELECT É İ")).isEqualTo("select é i");
        assertThat(transformed("lines", "java\r\n\tscript: x")).isEqualTo("javascript: x");
    }

    @Test
    void commentsAreTakenOutAndCodeInThemStays() {
        assertThat(transformed("comments", "un/**/ion/* x */ /*!50000select*/ 1/*! 2*/ /* open"))
                .isEqualTo("union select 1 2 ");
        assertThat(transformed("comments", "/*M!100100 or*/ 1")).isEqualTo(" or 1");
    }
}
