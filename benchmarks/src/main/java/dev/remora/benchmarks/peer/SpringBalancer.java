package dev.remora.benchmarks.peer;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.Response;
import org.springframework.cloud.loadbalancer.core.RandomLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ReactorServiceInstanceLoadBalancer;
import org.springframework.cloud.loadbalancer.core.RoundRobinLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import reactor.core.publisher.Flux;

/** The strategies of Spring Cloud LoadBalancer, asked by a caller that waits. The list is read anew in every choice. */
final class SpringBalancer implements Balancer {

    private static final String SERVICE = "chat";

    private final ReactorServiceInstanceLoadBalancer balancer;
    private volatile Flux<List<ServiceInstance>> instances;

    private SpringBalancer(
            Function<ObjectProvider<ServiceInstanceListSupplier>, ReactorServiceInstanceLoadBalancer> strategy,
            List<Member> members) {
        this.instances = instances(members);
        ServiceInstanceListSupplier supplier = new Listing();
        this.balancer = strategy.apply(new Provider(supplier));
    }

    static Balancer roundRobin(List<Member> members) {
        return new SpringBalancer(provider -> new RoundRobinLoadBalancer(provider, SERVICE, 0), members);
    }

    static Balancer random(List<Member> members) {
        return new SpringBalancer(provider -> new RandomLoadBalancer(provider, SERVICE), members);
    }

    @Override
    public Balancer change(List<Member> members) {
        instances = instances(members);
        return this;
    }

    @Override
    public Chooser chooser(Keys keys) {
        return new Blocking(balancer, new DefaultRequest<>());
    }

    private static Flux<List<ServiceInstance>> instances(List<Member> members) {
        return Flux.just(members.stream()
                .<ServiceInstance>map(member ->
                        new DefaultServiceInstance(member.name(), SERVICE, member.host(), member.port(), false))
                .toList());
    }

    private final class Listing implements ServiceInstanceListSupplier {

        @Override
        public String getServiceId() {
            return SERVICE;
        }

        @Override
        public Flux<List<ServiceInstance>> get() {
            return instances;
        }
    }

    private record Provider(ServiceInstanceListSupplier supplier)
            implements ObjectProvider<ServiceInstanceListSupplier> {

        @Override
        public ServiceInstanceListSupplier getObject() {
            return supplier;
        }
    }

    private record Blocking(ReactorServiceInstanceLoadBalancer balancer, Request<?> request) implements Chooser {

        @Override
        public int withoutKey() {
            Response<ServiceInstance> response =
                    Objects.requireNonNull(balancer.choose(request).block());
            return Member.idAt(Objects.requireNonNull(response.getServer()).getPort());
        }
    }
}
