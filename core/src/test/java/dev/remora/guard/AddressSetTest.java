package dev.remora.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.remora.http.AddressLiteral;
import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressSetTest {

    private static InetAddress address(String literal) {
        return AddressLiteral.parse(literal).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8,      10.0.0.0,         true",
        "10.0.0.0/8,      10.255.255.255,   true",
        "10.0.0.0/8,      11.0.0.0,         false",
        "10.0.0.0/8,      9.255.255.255,    false",
        "10.128.0.0/9,    10.127.255.255,   false",
        "10.128.0.0/9,    10.128.0.0,       true",
        "192.0.2.7,       192.0.2.7,        true",
        "192.0.2.7,       192.0.2.6,        false",
        "192.0.2.7/32,    192.0.2.7,        true",
        "192.0.2.6/31,    192.0.2.7,        true",
        "192.0.2.6/31,    192.0.2.8,        false",
        "0.0.0.0/0,       255.255.255.255,  true",
        "0.0.0.0/0,       ::1,              false",
        "::/0,            ffff::,           true",
        "::/0,            10.0.0.1,         false",
        "128.0.0.0/1,     128.0.0.0,        true",
        "128.0.0.0/1,     127.255.255.255,  false",
        "fd00::/8,        fdff::1,          true",
        "fd00::/8,        fe00::,           false",
        "2001:db8::1,     2001:db8::1,      true",
        "2001:db8::1/128, 2001:db8::2,      false",
        "2001:db8::/63,   2001:db8:0:1::,   true",
        "2001:db8::/65,   2001:db8::8000:0:0:0, false",
        "2001:DB8::/32,   2001:db8::,       true",
        "::ffff:10.0.0.0/104, 10.1.2.3,     true",
        "::ffff:10.0.0.0/104, 11.1.2.3,     false",
        "::ffff:0:0/96,   203.0.113.1,      true"
    })
    void aBlockHasTheAddressesThatBeginAsItDoes(String block, String asked, boolean isInside) {
        assertThat(AddressSet.of(block).contains(address(asked))).isEqualTo(isInside);
    }

    @Test
    void theEmptySetHasNoAddress() {
        assertThat(AddressSet.of().contains(address("0.0.0.0"))).isFalse();
        assertThat(AddressSet.of().contains(address("::"))).isFalse();
    }

    @Test
    void aMappedAddressIsTheOneOfIpv4() throws UnknownHostException {
        byte[] mapped = new byte[16];
        mapped[10] = mapped[11] = (byte) 0xff;
        mapped[12] = 10;
        InetAddress asSocketsReportIt = Inet6Address.getByAddress(null, mapped, -1);
        assertThat(AddressSet.of("10.0.0.0/8").contains(asSocketsReportIt)).isTrue();
        assertThat(AddressSet.of("::/0").contains(asSocketsReportIt)).isFalse();
    }

    @Test
    void aScopeDoesNotCount() throws UnknownHostException {
        InetAddress scoped = Inet6Address.getByAddress(null, address("fe80::1").getAddress(), 3);
        assertThat(AddressSet.of("fe80::/10").contains(scoped)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "10.0.0.300/8",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/",
                "10.0.0.0/08",
                "10.0.0.0/8/8",
                "10.0.0.0/255.0.0.0",
                "10.0.0",
                "10",
                "0x0a000001",
                "010.0.0.1",
                "10.0.0.0.",
                "10.0.0.*",
                "10.0.0.1-9",
                "10.0.0.1,2",
                "10.0.0.0 /8",
                "10.0.0.1 ",
                "*",
                "/8",
                "-",
                "example.org",
                "localhost",
                "::/129",
                ":::",
                "1::2::3",
                "fe80::1%eth0",
                "[::1]",
                "2001:db8::/32%1",
                "4)+k&C#VzJ4br>0wv%Yp",
                "1.2.3.4.in-addr.arpa",
                "10.0.0.1:80",
                "0b00001010.0.0.0"
            })
    void whatIsNoBlockIsRefused(String text) {
        assertThatThrownBy(() -> AddressSet.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("address: " + text + " (expected: an address or a block such as 10.0.0.0/8 or fd00::/8)");
    }

    @Test
    void aLongTextIsRefusedWithoutBeingRepeated() {
        assertThatThrownBy(() -> AddressSet.of("1".repeat(1_000_000)))
                .hasMessageStartingWith("address: 1111")
                .message()
                .hasSizeLessThan(200);
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.1/8, 10.0.0.0/8", "192.0.2.7/31, 192.0.2.6/31", "fd00::1/8, fd00::/8", "128.0.0.0/0, 0.0.0.0/0"
    })
    void bitsBehindThePrefixAreRefused(String text, String meant) {
        assertThatThrownBy(() -> AddressSet.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("address: " + text + " (expected: no bits set behind the first ")
                .hasMessageEndingWith("as in " + meant + ")");
    }

    @Test
    void randomSetsAreWhatALoopOverTheirBlocksSays() {
        Random random = new Random(7);
        for (int round = 0; round < 400; round++) {
            int bytes = random.nextBoolean() ? 4 : 16;
            // Few distinct bytes, so that blocks lie in each other and addresses hit them.
            int spread = 1 << random.nextInt(9);
            List<Block> blocks = new ArrayList<>();
            for (int i = random.nextInt(200); i > 0; i--) {
                blocks.add(Block.of(bits(random, bytes, spread), random.nextInt(bytes * 8 + 1)));
            }
            AddressSet set = AddressSet.of(blocks.stream().map(Block::toString).toList());
            for (int i = 0; i < 400; i++) {
                byte[] asked = asked(random, blocks, bytes, spread);
                assertThat(set.contains(inet(asked)))
                        .as("%s in %s", inet(asked), blocks)
                        .isEqualTo(blocks.stream().anyMatch(block -> block.contains(asked)));
            }
        }
    }

    private static byte[] bits(Random random, int bytes, int spread) {
        byte[] bits = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            bits[i] = (byte) (random.nextInt(spread) * (256 / spread));
        }
        bits[0] |= 0x20;
        return bits;
    }

    /** Any address, or the first or last of a block, or a neighbour of it. */
    private static byte[] asked(Random random, List<Block> blocks, int bytes, int spread) {
        if (blocks.isEmpty() || random.nextInt(3) == 0) {
            return bits(random, bytes, spread);
        }
        Block block = blocks.get(random.nextInt(blocks.size()));
        BigInteger first = new BigInteger(1, block.first);
        BigInteger next = first.add(BigInteger.ONE.shiftLeft(bytes * 8 - block.length));
        BigInteger chosen = switch (random.nextInt(4)) {
            case 0 -> first;
            case 1 -> first.subtract(BigInteger.ONE);
            case 2 -> next.subtract(BigInteger.ONE);
            default -> next;
        };
        byte[] asked = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            asked[i] = chosen.shiftRight(8 * (bytes - 1 - i)).byteValue();
        }
        return asked;
    }

    private static InetAddress inet(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** The slow and obvious way. */
    private static final class Block {

        private final byte[] first;
        private final int length;

        private Block(byte[] first, int length) {
            this.first = first;
            this.length = length;
        }

        static Block of(byte[] bits, int length) {
            byte[] first = bits.clone();
            for (int bit = length; bit < first.length * 8; bit++) {
                first[bit / 8] &= (byte) ~(0x80 >> bit % 8);
            }
            return new Block(first, length);
        }

        boolean contains(byte[] address) {
            for (int bit = 0; bit < length; bit++) {
                if (((first[bit / 8] ^ address[bit / 8]) & (0x80 >> bit % 8)) != 0) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public String toString() {
            return inet(first).getHostAddress() + "/" + length;
        }
    }
}
