package dev.remora.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * What one reading of a file yielded; two are equal when nothing has changed in between.
 *
 * @param bytes what is in it, compared by value; never written
 * @param trouble why it could not be read; empty when it could
 */
record Content(ByteBuffer bytes, String trouble) {

    static final int MAX_BYTES = 2 * 1024 * 1024;

    static Content of(Path path) {
        try {
            // A pipe would let the reader wait for ever.
            if (Files.exists(path) && !Files.isRegularFile(path)) {
                return unreadable("it is not a file");
            }
            try (InputStream in = Files.newInputStream(path)) {
                byte[] bytes = in.readNBytes(MAX_BYTES + 1);
                return bytes.length > MAX_BYTES
                        ? unreadable("it is larger than " + MAX_BYTES + " bytes")
                        : new Content(ByteBuffer.wrap(bytes), "");
            }
        } catch (NoSuchFileException e) {
            return unreadable("there is no such file");
        } catch (IOException | SecurityException e) {
            return unreadable("it cannot be read: " + e);
        }
    }

    private static Content unreadable(String trouble) {
        return new Content(ByteBuffer.allocate(0), trouble);
    }
}
