package dev.remora.benchmarks.peer;

import com.linecorp.armeria.client.Endpoint;
import com.linecorp.armeria.common.loadbalancer.LoadBalancer;
import java.util.List;

/** Armeria's sticky strategy: a jump hash of the place in the list. */
record ArmeriaSticky(LoadBalancer<Endpoint, HashOfRequest> balancer) implements Balancer {

    static Balancer of(List<Member> members) {
        return new ArmeriaSticky(
                LoadBalancer.ofSticky(ArmeriaBalancer.endpoints(members), (HashOfRequest request) -> request.hash));
    }

    @Override
    public Chooser chooser(Keys keys) {
        return new Sticky(balancer, keys, new HashOfRequest());
    }

    @Override
    public Balancer change(List<Member> members) {
        return of(members);
    }

    /** Stands for Armeria's request context; owned by one thread. */
    static final class HashOfRequest {
        private long hash;
    }

    private record Sticky(LoadBalancer<Endpoint, HashOfRequest> balancer, Keys keys, HashOfRequest request)
            implements Chooser {

        @Override
        public int byHash(int key) {
            return choose(keys.hash(key));
        }

        @Override
        public int byText(int key) {
            return choose(Keys.hash(keys.text(key)));
        }

        private int choose(long hash) {
            request.hash = hash;
            return Member.idAt(balancer.pick(request).port());
        }
    }
}
