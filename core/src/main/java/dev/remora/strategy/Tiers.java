package dev.remora.strategy;

import java.util.List;

/** Picks in the tier that a rule decides for; in any other one, the first tiers first, when nobody there is eligible. */
final class Tiers implements Picker {

    private final List<Tier> tiers;
    private final TierRule rule;

    Tiers(List<Tier> tiers, TierRule rule) {
        this.tiers = tiers;
        this.rule = rule;
    }

    List<Tier> tiers() {
        return tiers;
    }

    @Override
    public int pick(PickContext context) {
        if (tiers.size() < 2) {
            return tiers.isEmpty() ? NONE : tiers.get(0).pick(context);
        }
        int decided = rule.tier(context);
        int picked = tiers.get(decided).pick(context);
        return picked == NONE ? pickElsewhere(context, decided) : picked;
    }

    private int pickElsewhere(PickContext context, int decided) {
        rule.foundNobody();
        for (int i = 0; i < tiers.size(); i++) {
            int picked = i == decided ? NONE : tiers.get(i).pick(context);
            if (picked != NONE) {
                return picked;
            }
        }
        return NONE;
    }

    @Override
    public boolean keeps(PickContext context, int index) {
        for (int i = 0; i < tiers.size(); i++) {
            if (tiers.get(i).holds(index)) {
                return tiers.get(i).keeps(context, index);
            }
        }
        return false;
    }
}
