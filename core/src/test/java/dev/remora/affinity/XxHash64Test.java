package dev.remora.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class XxHash64Test {

    // Made with the reference implementation: byte i is 131 * i + 7, modulo 256.
    @ParameterizedTest(name = "{0} bytes")
    @CsvSource({
        "0, ef46db3751d8e999",
        "1, a96c7f0ce858bbb7",
        "3, bed43740ee6332bb",
        "4, fa212ae44b3bb23d",
        "5, d339dcc9ac8e6776",
        "7, 2744460dd675d2c0",
        "8, 994b676b71ce94dd",
        "11, 97f078da7a1a590c",
        "12, b92f588ce720786e",
        "15, 09e6451ed2ff8b1d",
        "16, 94ad0095e72b24d5",
        "28, 01a6f3d224fa7d3b",
        "31, 6711d55e306b5d8f",
        "32, 07f7b8e3bc5d6e25",
        "33, 09f85eeb4e1cbe9f",
        "36, e7ac625222f2b655",
        "40, d25150177ba46490",
        "47, 79bd9d6dd8c15570",
        "63, b7c9968c066cb6a5",
        "64, 50d4159a0411632e",
        "65, d277176bff863efc",
        "96, 18c8f362eb735341",
        "100, 9ddada11d3dc2d8f",
        "127, 54cf771b5423f6a7",
        "128, 0430e433b792e757",
        "255, 15a6db05d4e83df4",
        "300, c68e7ef39b5ca10e"
    })
    void everyLengthOfStripesAndRestsIsAsTheReferenceHasIt(int length, String expected) {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++) {
            data[i] = (byte) (131 * i + 7);
        }
        assertThat(XxHash64.of(data)).isEqualTo(Long.parseUnsignedLong(expected, 16));
    }
}
