package dev.remora.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Assumptions;

/** Takes servers out of the Maven artifacts that carry them, each once for this JVM. Thread-safe. */
final class RedisBinary {

    /** The platform whose binaries are pinned. */
    private static final String PINNED = "linux-amd64";

    private static final Map<RedisVersion, Source> SOURCES = Map.of(
            RedisVersion.V7_0,
            new Source(
                    "org.signal:embedded-redis",
                    Map.of(
                            "linux-amd64", "7.0.15",
                            "linux-arm64", "7.0.15",
                            "linux-386", "7.0.15",
                            "darwin-amd64", "7.0.15",
                            "darwin-arm64", "7.0.15"),
                    "c0cdeef856b3410fd99d6ec6fc6a20302e69059b00ce5d6abab7b3e5069ea91e"),
            RedisVersion.V6_2,
            new Source(
                    "com.github.codemonstur:embedded-redis",
                    Map.of(
                            "linux-amd64", "6.2.6-v5",
                            "linux-arm64", "6.2.7",
                            "linux-386", "6.2.7",
                            "darwin-amd64", "6.2.6-v5",
                            "darwin-arm64", "6.2.6-v5"),
                    "1f716094e08a25faee2bc7626feb9e13464ed89018ac5c376c5e9cff06bdcf52"));

    private static final Map<RedisVersion, Path> BINARIES = new ConcurrentHashMap<>();

    private RedisBinary() {}

    /** The server's program; where this machine cannot run it, the test is skipped. */
    static Path of(RedisVersion version) {
        return BINARIES.computeIfAbsent(version, RedisBinary::extract);
    }

    private static Path extract(RedisVersion version) {
        Source source = SOURCES.get(version);
        String platform = platform();
        String release = source.releases.get(platform);
        if (release == null) {
            return skip("no Redis " + version + " for " + platform + " in " + source.artifact);
        }
        String resource = "redis-server-" + release + "-" + platform;
        try (InputStream in = RedisBinary.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(
                        resource + ": not found (expected: " + source.artifact + " on the class path)");
            }
            byte[] program = in.readAllBytes();
            if (platform.equals(PINNED)) {
                requireSha256(source.sha256, program, resource);
            }
            Path file = Files.write(RedisProcesses.directory().resolve(resource), program);
            if (!file.toFile().setExecutable(true)) {
                return skip("no program may be run in " + file.getParent());
            }
            return runnable(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String platform() {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return (os.startsWith("mac") ? "darwin" : os) + "-"
                + switch (arch) {
                    case "x86_64" -> "amd64";
                    case "aarch64" -> "arm64";
                    case "x86", "i386", "i686" -> "386";
                    default -> arch;
                };
    }

    private static void requireSha256(String expected, byte[] program, String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(program);
            String actual = HexFormat.of().formatHex(digest);
            if (!actual.equals(expected)) {
                throw new IllegalStateException(name + ": SHA-256 " + actual + " (expected: " + expected + ")");
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A missing library shows here, and not as a server that does not start. */
    private static Path runnable(Path file) throws IOException {
        String said;
        int code;
        try {
            Process process = new ProcessBuilder(file.toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            said = new String(process.getInputStream().readAllBytes(), RespConnection.CHARSET);
            code = process.waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            return skip("this machine cannot run " + file.getFileName() + ": " + e.getMessage());
        }
        return code == 0 ? file : skip("this machine cannot run " + file.getFileName() + ": " + said.strip());
    }

    private static Path skip(String missing) {
        return Assumptions.abort(missing);
    }

    /**
     * A Maven artifact that carries servers.
     *
     * @param releases platform to release
     * @param sha256 of the binary for the pinned platform, in hexadecimal digits
     */
    private record Source(String artifact, Map<String, String> releases, String sha256) {}
}
