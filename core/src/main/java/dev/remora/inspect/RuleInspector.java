package dev.remora.inspect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rules that want the same transformations share the transformed text. */
final class RuleInspector implements Inspector {

    private final List<Family> families;

    RuleInspector(List<Rule> rules) {
        Map<List<Transformation>, List<Rule>> byTransformations = new LinkedHashMap<>();
        for (Rule rule : rules) {
            byTransformations
                    .computeIfAbsent(rule.transformations(), none -> new ArrayList<>())
                    .add(rule);
        }
        this.families = byTransformations.entrySet().stream()
                .map(entry -> new Family(entry.getKey(), List.copyOf(entry.getValue())))
                .toList();
    }

    @Override
    public List<Finding> inspect(Inspected what) {
        if (what.text().isEmpty()) {
            return List.of();
        }
        List<Finding> findings = new ArrayList<>(0);
        for (Family family : families) {
            family.inspect(what, findings);
        }
        return findings;
    }

    private record Family(List<Transformation> transformations, List<Rule> rules) {

        void inspect(Inspected what, List<Finding> findings) {
            String text = what.text();
            for (Transformation transformation : transformations) {
                text = transformation.of(text);
            }
            for (Rule rule : rules) {
                if (rule.places().contains(what.place()) && rule.isIn(text)) {
                    findings.add(rule.finding(what.place()));
                }
            }
        }
    }
}
