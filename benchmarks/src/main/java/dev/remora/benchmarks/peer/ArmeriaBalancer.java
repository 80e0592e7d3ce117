package dev.remora.benchmarks.peer;

import com.linecorp.armeria.client.Endpoint;
import com.linecorp.armeria.common.loadbalancer.LoadBalancer;
import com.linecorp.armeria.common.loadbalancer.SimpleLoadBalancer;
import java.util.List;
import java.util.function.Function;

/** Armeria's strategies without a key. A change of the membership makes a new balancer, as its endpoint groups do. */
record ArmeriaBalancer(
        Function<List<Endpoint>, SimpleLoadBalancer<Endpoint>> strategy, SimpleLoadBalancer<Endpoint> balancer)
        implements Balancer {

    static Balancer roundRobin(List<Member> members) {
        return of(LoadBalancer::ofRoundRobin, members);
    }

    static Balancer weightedRoundRobin(List<Member> members) {
        return of(LoadBalancer::ofWeightedRoundRobin, members);
    }

    static Balancer weightedRandom(List<Member> members) {
        return of(LoadBalancer::ofWeightedRandom, members);
    }

    static List<Endpoint> endpoints(List<Member> members) {
        return members.stream()
                .map(member -> Endpoint.of(member.host(), member.port()))
                .toList();
    }

    @Override
    public Chooser chooser(Keys keys) {
        return new Plain(balancer);
    }

    @Override
    public Balancer change(List<Member> members) {
        return of(strategy, members);
    }

    private static Balancer of(Function<List<Endpoint>, SimpleLoadBalancer<Endpoint>> strategy, List<Member> members) {
        return new ArmeriaBalancer(strategy, strategy.apply(endpoints(members)));
    }

    private record Plain(SimpleLoadBalancer<Endpoint> balancer) implements Chooser {

        @Override
        public int withoutKey() {
            return Member.idAt(balancer.pick().port());
        }
    }
}
