package dev.remora.redis;

/** The servers that tests can run: the oldest that is supported, and the newest that a Maven artifact carries. */
public enum RedisVersion {
    /** From org.signal:embedded-redis, linked statically. */
    V7_0,

    /** From com.github.codemonstur:embedded-redis. On linux-amd64 it is a 6.2.11 that speaks TLS and needs OpenSSL 3. */
    V6_2
}
