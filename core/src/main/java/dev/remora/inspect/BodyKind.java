package dev.remora.inspect;

import dev.remora.exchange.RequestView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** How a body is to be read. */
enum BodyKind {
    FORM,
    JSON,
    TEXT,
    /** Compressed, or in an encoding in which even ASCII looks otherwise. */
    UNREADABLE;

    static BodyKind of(RequestView request) {
        String type = Folding.lower(request.header("content-type").orElse(""));
        boolean coded = request.headers("content-encoding").stream().anyMatch(coding -> !isIdentity(coding));
        if (coded || !isLikeAscii(type)) {
            return UNREADABLE;
        }
        int semicolon = type.indexOf(';');
        String essence = (semicolon < 0 ? type : type.substring(0, semicolon)).strip();
        if (essence.equals("application/x-www-form-urlencoded")) {
            return FORM;
        }
        return essence.equals("application/json") || essence.endsWith("+json") ? JSON : TEXT;
    }

    private static boolean isIdentity(String coding) {
        return coding.isBlank() || coding.strip().equalsIgnoreCase("identity");
    }

    // Back ends honour a charset even where the type has no such parameter.
    private static boolean isLikeAscii(String type) {
        int charset = type.indexOf("charset");
        if (charset < 0) {
            return true;
        }
        String name = type.substring(charset + "charset".length()).replaceAll("[\\s\"'=]", "");
        return name.startsWith("utf-8")
                || name.startsWith("utf8")
                || name.startsWith("us-ascii")
                || name.startsWith("iso-8859");
    }

    void read(ByteBuffer beginning, RequestTexts texts) {
        if (this == UNREADABLE) {
            texts.leaveOut(beginning.remaining());
            return;
        }
        String text = StandardCharsets.UTF_8.decode(beginning).toString();
        switch (this) {
            case FORM -> texts.parameters(Place.FORM, text);
            case JSON -> texts.json(text);
            default -> texts.body(text);
        }
    }
}
