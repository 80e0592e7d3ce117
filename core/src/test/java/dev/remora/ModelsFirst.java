package dev.remora;

import java.util.Comparator;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.ClassOrdererContext;

/**
 * Runs the tests on Lincheck before the others. It instruments whatever the JVM has loaded: after a test with Lettuce a
 * model takes ten times as long.
 */
final class ModelsFirst implements ClassOrderer {

    @Override
    public void orderClasses(ClassOrdererContext context) {
        context.getClassDescriptors()
                .sort(Comparator.comparing(
                        type -> !type.getTestClass().getSimpleName().endsWith("ModelTest")));
    }
}
