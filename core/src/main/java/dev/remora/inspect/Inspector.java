package dev.remora.inspect;

import java.util.List;

/**
 * Looks for signs of an attack in one text of a request. Thread-safe; does not block, does not throw, and needs time that
 * grows with the length of the text only, whatever it holds.
 *
 * <p>One that leaves a parameter alone in which people ask for code:
 *
 * <pre>{@code
 * Inspector rules = Inspector.rules(RuleSet.builtIn());
 * Inspector inspector = what -> what.name().equals("prompt") ? List.of() : rules.inspect(what);
 * }</pre>
 */
@FunctionalInterface
public interface Inspector {

    /** What is suspicious in a text; empty when nothing is. */
    List<Finding> inspect(Inspected what);

    /** Applies rules; each finds at most one thing in a text. */
    static Inspector rules(RuleSet rules) {
        return new RuleInspector(rules.rules());
    }
}
