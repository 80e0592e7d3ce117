package dev.remora.benchmarks.peer;

import java.util.List;
import java.util.function.Supplier;
import org.apache.dubbo.common.URL;
import org.apache.dubbo.rpc.Invocation;
import org.apache.dubbo.rpc.Invoker;
import org.apache.dubbo.rpc.Result;
import org.apache.dubbo.rpc.RpcInvocation;
import org.apache.dubbo.rpc.RpcStatus;
import org.apache.dubbo.rpc.cluster.LoadBalance;
import org.apache.dubbo.rpc.cluster.loadbalance.AdaptiveLoadBalance;
import org.apache.dubbo.rpc.cluster.loadbalance.ConsistentHashLoadBalance;
import org.apache.dubbo.rpc.cluster.loadbalance.LeastActiveLoadBalance;
import org.apache.dubbo.rpc.cluster.loadbalance.RandomLoadBalance;
import org.apache.dubbo.rpc.cluster.loadbalance.RoundRobinLoadBalance;
import org.apache.dubbo.rpc.cluster.loadbalance.ShortestResponseLoadBalance;
import org.apache.dubbo.rpc.model.ApplicationModel;

/**
 * Dubbo's strategies. They look at the list of invokers in every call, so a change of the membership is only another
 * list; what they remember of one list they build when they first meet it.
 */
record DubboBalancer(LoadBalance strategy, List<Invoker<Object>> invokers) implements Balancer {

    private static final String METHOD = "complete";
    private static final String SERVICE = "chat";

    static Balancer random(List<Member> members) {
        return of(RandomLoadBalance::new, members);
    }

    static Balancer roundRobin(List<Member> members) {
        return of(RoundRobinLoadBalance::new, members);
    }

    static Balancer leastActive(List<Member> members) {
        return of(LeastActiveLoadBalance::new, members);
    }

    static Balancer shortestResponse(List<Member> members) {
        return of(
                () -> {
                    ShortestResponseLoadBalance strategy = new ShortestResponseLoadBalance();
                    strategy.setApplicationModel(ApplicationModel.defaultModel());
                    return strategy;
                },
                members);
    }

    static Balancer adaptive(List<Member> members) {
        return of(() -> new AdaptiveLoadBalance(ApplicationModel.defaultModel()), members);
    }

    static Balancer consistentHash(List<Member> members) {
        return of(ConsistentHashLoadBalance::new, members);
    }

    @Override
    public Chooser chooser(Keys keys) {
        return new Selecting(strategy, invokers, keys);
    }

    @Override
    public Balancer change(List<Member> members) {
        return new DubboBalancer(strategy, invokers(members));
    }

    private static Balancer of(Supplier<LoadBalance> strategy, List<Member> members) {
        return new DubboBalancer(strategy.get(), invokers(members));
    }

    private static List<Invoker<Object>> invokers(List<Member> members) {
        return members.stream().<Invoker<Object>>map(Stub::new).toList();
    }

    private static final class Selecting implements Chooser {
        private final LoadBalance strategy;
        private final List<Invoker<Object>> invokers;
        private final URL url;
        private final Keys keys;
        // Dubbo hashes the first argument of the call; the calls of one thread share this array.
        private final Object[] arguments = {""};
        private final RpcInvocation call =
                new RpcInvocation(null, METHOD, SERVICE, "", new Class<?>[] {String.class}, arguments);

        Selecting(LoadBalance strategy, List<Invoker<Object>> invokers, Keys keys) {
            this.strategy = strategy;
            this.invokers = invokers;
            this.url = invokers.get(0).getUrl();
            this.keys = keys;
        }

        @Override
        public int withoutKey() {
            return select().id;
        }

        @Override
        public int byText(int key) {
            arguments[0] = keys.text(key);
            return select().id;
        }

        // As its ActiveLimitFilter does, where one is configured.
        @Override
        public OpenStream open(int key) {
            Stub stub = select();
            RpcStatus.beginCount(stub.getUrl(), METHOD);
            return OpenStream.of(stub.id, () -> RpcStatus.endCount(stub.getUrl(), METHOD, 1, true));
        }

        private Stub select() {
            return (Stub) strategy.select(invokers, url, call);
        }
    }

    private static final class Stub implements Invoker<Object> {
        private final int id;
        private final URL url;

        Stub(Member member) {
            this.id = member.id();
            this.url = new URL("tri", member.host(), member.port(), SERVICE);
        }

        @Override
        public URL getUrl() {
            return url;
        }

        @Override
        public Class<Object> getInterface() {
            return Object.class;
        }

        @Override
        public boolean isAvailable() {
            return true;
        }

        @Override
        public Result invoke(Invocation invocation) {
            throw new UnsupportedOperationException("nothing is sent");
        }

        @Override
        public void destroy() {}
    }
}
