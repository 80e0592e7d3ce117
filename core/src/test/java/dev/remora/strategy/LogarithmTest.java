package dev.remora.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LogarithmTest {

    @Test
    void agreesWithTheStandardOne() {
        Random random = new Random(1);
        for (int i = 0; i < 1_000_000; i++) {
            // Of all magnitudes, and close to 1 too.
            double x = StrictMath.pow(2, random.nextInt(55) - 54) * random.nextDouble();
            assertClose(1 - x);
            assertClose(x + Double.MIN_NORMAL);
        }
        assertClose(1 - 0x1.0p-53);
        assertClose(0x1.0p-53);
    }

    private static void assertClose(double x) {
        double expected = StrictMath.log(x);
        double error = Math.abs(Logarithm.of(x) - expected);
        if (error > 1e-15 * Math.abs(expected)) {
            assertThat(Logarithm.of(x)).as("ln(%s)", x).isCloseTo(expected, withinPercentage(1e-13));
        }
    }

    @Test
    void ofOneIsZero() {
        assertThat(Logarithm.of(1)).isZero();
    }
}
