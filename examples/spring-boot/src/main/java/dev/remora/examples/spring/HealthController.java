package dev.remora.examples.spring;

import dev.remora.BalancerStats;
import dev.remora.BalancerStats.Status;
import dev.remora.LoadBalancer;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** How the back ends are. */
@RestController
class HealthController {

    private final LoadBalancer balancer;

    HealthController(LoadBalancer balancer) {
        this.balancer = balancer;
    }

    /** The status of each back end; with 503 when none is ready. */
    @GetMapping("/health")
    ResponseEntity<Map<String, Status>> health() {
        Map<String, Status> backEnds = balancer.stats().backends().stream()
                .collect(Collectors.toMap(stats -> stats.backend().id().value(), BalancerStats.BackendStats::status));
        boolean ready = backEnds.containsValue(Status.READY);
        return ResponseEntity.status(ready ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE)
                .body(backEnds);
    }
}
