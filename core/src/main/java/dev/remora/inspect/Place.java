package dev.remora.inspect;

/** Where in a request a text stands. */
public enum Place {
    /** The path, percent-decoded once. */
    PATH,
    /** The name or the value of a query parameter, percent-decoded once. */
    QUERY,
    /** The value of a header, as it was sent. */
    HEADER,
    /** The value of a cookie, as it was sent. */
    COOKIE,
    /** The name or the value of a field of a form in the body, percent-decoded once. */
    FORM,
    /** A string of a JSON body, unescaped; of another body all of it. */
    BODY
}
