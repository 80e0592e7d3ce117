package dev.remora.strategy;

class PowerOfFourChoicesTest extends StrategyContract {

    @Override
    Strategy strategy() {
        return Strategy.powerOfChoices(4);
    }
}
