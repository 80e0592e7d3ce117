package dev.remora.affinity;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** XXH64 with seed 0, by its specification: the hash by which HAProxy makes dynamic cookies. Stateless. */
final class XxHash64 {

    private static final long P1 = 0x9e3779b185ebca87L;
    private static final long P2 = 0xc2b2ae3d27d4eb4fL;
    private static final long P3 = 0x165667b19e3779f9L;
    private static final long P4 = 0x85ebca77c2b2ae63L;
    private static final long P5 = 0x27d4eb2f165667c5L;
    private static final int STRIPE = 4 * Long.BYTES;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private XxHash64() {}

    static long of(byte[] data) {
        int at = 0;
        long hash = P5;
        if (data.length >= STRIPE) {
            long a = 0x60ea27eeadc0b5d6L; // the sum of the first two, modulo 2^64
            long b = P2;
            long c = 0;
            long d = -P1;
            for (; at <= data.length - STRIPE; at += STRIPE) {
                a = round(a, word(data, at));
                b = round(b, word(data, at + 8));
                c = round(c, word(data, at + 16));
                d = round(d, word(data, at + 24));
            }
            hash = Long.rotateLeft(a, 1) + Long.rotateLeft(b, 7) + Long.rotateLeft(c, 12) + Long.rotateLeft(d, 18);
            hash = merged(merged(merged(merged(hash, a), b), c), d);
        }
        hash += data.length;
        for (; at <= data.length - Long.BYTES; at += Long.BYTES) {
            hash = Long.rotateLeft(hash ^ round(0, word(data, at)), 27) * P1 + P4;
        }
        if (at <= data.length - Integer.BYTES) {
            hash = Long.rotateLeft(hash ^ ((int) INT.get(data, at) & 0xffffffffL) * P1, 23) * P2 + P3;
            at += Integer.BYTES;
        }
        for (; at < data.length; at++) {
            hash = Long.rotateLeft(hash ^ (data[at] & 0xff) * P5, 11) * P1;
        }
        return avalanche(hash);
    }

    private static long word(byte[] data, int at) {
        return (long) LONG.get(data, at);
    }

    private static long round(long lane, long word) {
        return Long.rotateLeft(lane + word * P2, 31) * P1;
    }

    private static long merged(long hash, long lane) {
        return (hash ^ round(0, lane)) * P1 + P4;
    }

    private static long avalanche(long hash) {
        long mixed = (hash ^ hash >>> 33) * P2;
        mixed = (mixed ^ mixed >>> 29) * P3;
        return mixed ^ mixed >>> 32;
    }
}
