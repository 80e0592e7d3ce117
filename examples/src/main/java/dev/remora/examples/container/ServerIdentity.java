package dev.remora.examples.container;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate with its chain and its key, as the containers want to have them. Immutable. */
public final class ServerIdentity {

    /** What guards the key in memory: nothing, but containers insist on a password. */
    static final String PASSWORD = "in-memory";

    private static final Pattern PRIVATE_KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private final KeyStore store;

    private ServerIdentity(KeyStore store) {
        this.store = store;
    }

    /**
     * Reads both files.
     *
     * @param certificate PEM, the server's own first
     * @param key PEM, PKCS #8, without a password
     * @throws IllegalArgumentException if one cannot be read, or is not of the form
     */
    public static ServerIdentity read(Path certificate, Path key) {
        try {
            Certificate[] chain = chain(Files.readAllBytes(certificate));
            PrivateKey secret = secret(Files.readString(key, StandardCharsets.US_ASCII), chain[0]);
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("gateway", secret, PASSWORD.toCharArray(), chain);
            return new ServerIdentity(store);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "tls: " + certificate + ", " + key + " (expected: a PEM certificate and its PKCS #8 key)", e);
        }
    }

    KeyStore store() {
        return store;
    }

    SSLContext context() throws GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private static Certificate[] chain(byte[] pem) throws GeneralSecurityException {
        Certificate[] chain = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem))
                .toArray(Certificate[]::new);
        if (chain.length == 0) {
            throw new GeneralSecurityException("no certificate");
        }
        return chain;
    }

    private static PrivateKey secret(String pem, Certificate certificate) throws GeneralSecurityException {
        Matcher key = PRIVATE_KEY.matcher(pem);
        if (!key.find()) {
            throw new GeneralSecurityException("no private key");
        }
        String algorithm = certificate.getPublicKey().getAlgorithm();
        byte[] der = Base64.getMimeDecoder().decode(key.group(1));
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    }
}
