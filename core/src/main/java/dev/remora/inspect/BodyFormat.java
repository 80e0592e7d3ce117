package dev.remora.inspect;

import dev.remora.exchange.RequestView;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How a body is to be read. Whatever its head says of encodings it is read as UTF-8, since back ends may not heed that; and as
 * what its head says, since they may.
 *
 * @param likeAscii whether ASCII is ASCII in all that its head names
 * @param coded whether its head says that it is compressed
 */
record BodyFormat(BodyKind kind, List<Charset> charsets, boolean likeAscii, boolean coded) {

    private static final Pattern CHARSET = Pattern.compile("charset\\s*=?\\s*[\"']?([^\\s\"';,]*)");
    private static final Pattern LIKE_ASCII = Pattern.compile("(utf-?8|us-ascii|iso-8859|windows-125).*");

    // By their names in lower case. In all others ASCII is ASCII. A look-up of what nobody knows takes long.
    private static final Map<String, Charset> UNLIKE_ASCII = unlikeAscii();

    static BodyFormat of(RequestView request) {
        String type = Folding.lower(String.join(";", request.headers("content-type")));
        List<String> named =
                CHARSET.matcher(type).results().map(match -> match.group(1)).toList();
        Set<Charset> charsets = new LinkedHashSet<>(List.of(StandardCharsets.UTF_8));
        if (!named.isEmpty()) {
            // Of several some heed the first, and some the last.
            Stream.of(named.get(0), named.get(named.size() - 1))
                    .map(UNLIKE_ASCII::get)
                    .filter(Objects::nonNull)
                    .forEach(charsets::add);
        }
        boolean coded = request.headers("content-encoding").stream().anyMatch(coding -> !isIdentity(coding));
        boolean likeAscii =
                named.stream().allMatch(name -> LIKE_ASCII.matcher(name).matches());
        return new BodyFormat(BodyKind.of(type), List.copyOf(charsets), likeAscii, coded);
    }

    private static boolean isIdentity(String coding) {
        return coding.isBlank() || coding.strip().equalsIgnoreCase("identity");
    }

    private static Map<String, Charset> unlikeAscii() {
        Map<String, Charset> byName = new HashMap<>();
        Stream.of("UTF-16", "UTF-16BE", "UTF-16LE", "UTF-32", "UTF-32BE", "UTF-32LE", "IBM037", "IBM500", "IBM1047")
                .filter(Charset::isSupported)
                .map(Charset::forName)
                .forEach(charset -> {
                    byName.put(Folding.lower(charset.name()), charset);
                    charset.aliases().forEach(alias -> byName.put(Folding.lower(alias), charset));
                });
        return Map.copyOf(byName);
    }

    /** The texts of the beginning of a body, of which at most so many characters are inspected, in each way to read it. */
    List<RequestTexts> read(ByteBuffer beginning, int most) {
        int beyond = Math.max(0, beginning.remaining() - most);
        ByteBuffer bytes = beginning.duplicate().limit(beginning.limit() - beyond);
        List<RequestTexts> readings = new ArrayList<>(charsets.size());
        for (Charset charset : charsets) {
            RequestTexts texts = new RequestTexts(most);
            texts.leaveOut(beyond);
            if (!coded || isUtf8(bytes)) {
                kind.read(text(bytes, charset), texts);
            }
            if (coded || !likeAscii) {
                texts.leaveOut(beginning.remaining() - texts.truncated());
            }
            readings.add(texts);
        }
        return readings;
    }

    // What is compressed is not.
    private static boolean isUtf8(ByteBuffer bytes) {
        CharBuffer chars = CharBuffer.allocate(bytes.remaining());
        return !StandardCharsets.UTF_8
                .newDecoder()
                .decode(bytes.duplicate(), chars, false)
                .isError();
    }

    // In UTF-16 and UTF-32 nothing but NULs is between characters of ASCII; parsers of JSON know them by that.
    private static String text(ByteBuffer bytes, Charset charset) {
        return charset.decode(bytes.duplicate()).toString().replace("\0", "");
    }
}
