package dev.remora.benchmarks.peer;

import com.netflix.loadbalancer.AvailabilityFilteringRule;
import com.netflix.loadbalancer.BaseLoadBalancer;
import com.netflix.loadbalancer.BestAvailableRule;
import com.netflix.loadbalancer.IRule;
import com.netflix.loadbalancer.RandomRule;
import com.netflix.loadbalancer.RoundRobinRule;
import com.netflix.loadbalancer.Server;
import com.netflix.loadbalancer.ServerStats;
import java.time.Duration;
import java.util.List;

/** Ribbon's rules. A change of the membership is another list for the same balancer. */
final class RibbonBalancer implements Balancer {

    private final BaseLoadBalancer balancer = new BaseLoadBalancer();

    private RibbonBalancer(IRule rule, List<Member> members) {
        balancer.setRule(rule);
        change(members);
    }

    static Balancer roundRobin(List<Member> members) {
        return new RibbonBalancer(new RoundRobinRule(), members);
    }

    static Balancer random(List<Member> members) {
        return new RibbonBalancer(new RandomRule(), members);
    }

    static Balancer availabilityFiltering(List<Member> members) {
        return new RibbonBalancer(new AvailabilityFilteringRule(), members);
    }

    static Balancer bestAvailable(List<Member> members) {
        return new RibbonBalancer(new BestAvailableRule(), members);
    }

    @Override
    public Balancer change(List<Member> members) {
        balancer.setServersList(members.stream().map(RibbonBalancer::server).toList());
        balancer.getAllServers().forEach(server -> server.setAlive(true));
        return this;
    }

    @Override
    public Chooser chooser(Keys keys) {
        return new Choosing(balancer);
    }

    // The rule reads every counter with the time of day, and that reading is what forgets.
    @Override
    public void pass(Duration time) {
        long then = System.currentTimeMillis() + time.toMillis();
        balancer.getAllServers()
                .forEach(server -> balancer.getLoadBalancerStats()
                        .getSingleServerStat(server)
                        .getActiveRequestsCount(then));
    }

    @Override
    public void close() {
        balancer.shutdown();
    }

    private static Server server(Member member) {
        return new Server(member.host(), member.port());
    }

    private record Choosing(BaseLoadBalancer balancer) implements Chooser {

        @Override
        public int withoutKey() {
            return Member.idAt(balancer.chooseServer(null).getPort());
        }

        @Override
        public OpenStream open(int key) {
            Server server = balancer.chooseServer(null);
            ServerStats stats = balancer.getLoadBalancerStats().getSingleServerStat(server);
            stats.incrementActiveRequestsCount();
            return OpenStream.of(Member.idAt(server.getPort()), stats::decrementActiveRequestsCount);
        }
    }
}
