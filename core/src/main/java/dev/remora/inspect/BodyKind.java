package dev.remora.inspect;

/** What a body is made of. */
enum BodyKind {
    FORM,
    JSON,
    TEXT;

    /** @param type the value of Content-Type in lower case */
    static BodyKind of(String type) {
        int semicolon = type.indexOf(';');
        String essence = (semicolon < 0 ? type : type.substring(0, semicolon)).strip();
        if (essence.equals("application/x-www-form-urlencoded")) {
            return FORM;
        }
        return essence.equals("application/json") || essence.endsWith("+json") ? JSON : TEXT;
    }

    void read(String text, RequestTexts texts) {
        switch (this) {
            case FORM -> texts.parameters(Place.FORM, text);
            case JSON -> texts.json(text);
            case TEXT -> texts.body(text);
        }
    }
}
