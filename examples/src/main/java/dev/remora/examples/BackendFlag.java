package dev.remora.examples;

import dev.remora.pool.Backend;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A back end as people write it: {@code a=http://10.0.0.1:8080,weight=2,max-streams=100}. */
final class BackendFlag implements ITypeConverter<Backend> {

    private static final String FORM = "NAME=http://HOST:PORT[,weight=N][,max-streams=N][,zone=NAME]";

    @Override
    public Backend convert(String text) {
        String[] parts = text.split(",", -1);
        String[] address = parts[0].split("=", 2);
        if (address.length != 2) {
            throw wrong(text);
        }
        try {
            Backend backend = Backend.of(address[0], address[1]);
            for (int i = 1; i < parts.length; i++) {
                backend = with(backend, parts[i].split("=", 2), text);
            }
            return backend;
        } catch (NumberFormatException e) {
            throw wrong(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    private static Backend with(Backend backend, String[] setting, String text) {
        if (setting.length != 2) {
            throw wrong(text);
        }
        return switch (setting[0]) {
            case "weight" -> backend.withWeight(Integer.parseInt(setting[1]));
            case "max-streams" -> backend.withMaxStreams(Integer.parseInt(setting[1]));
            case "zone" -> backend.withZone(setting[1]);
            default -> throw wrong(text);
        };
    }

    private static TypeConversionException wrong(String text) {
        return new TypeConversionException("backend: " + text + " (expected: " + FORM + ")");
    }
}
