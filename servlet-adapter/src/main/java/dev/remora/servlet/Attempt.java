package dev.remora.servlet;

import dev.remora.Lease;
import dev.remora.exchange.FailureKind;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request to one back end. What the HTTP client tells of it, on threads of its own, is brought into the serial of the
 * exchange, and nothing is heard any more once it has ended.
 */
final class Attempt implements BodyHandler<Void>, BodySubscriber<Void> {

    private static final Logger log = LoggerFactory.getLogger(Attempt.class);

    private final Listener listener;
    private final Serial serial;
    private String backend = "";
    // What the client takes for the body; the real one goes past it, piece by piece.
    private final CompletableFuture<Void> headHeard = new CompletableFuture<>();
    private @Nullable CompletableFuture<HttpResponse<Void>> sending;
    private Flow.@Nullable Subscription answer;
    private boolean headSeen;
    private boolean ended;

    /** Hears what the back end answers; called in the serial. */
    interface Listener {

        /** The final head. */
        void head(Attempt attempt, ResponseInfo head);

        /** A piece of the body, as one read has brought it; another one comes only when it is {@link Attempt#demand wanted}. */
        void content(List<ByteBuffer> burst);

        /** All of the body has come. */
        void bodyEnded();

        /** It came to nothing, or broke off. */
        void failed(FailureKind kind);
    }

    Attempt(Listener listener, Serial serial) {
        this.listener = listener;
        this.serial = serial;
    }

    /** Sends the request. */
    void begin(ProxySettings proxy, Lease lease, ProxiedRequest request, RequestBody body) {
        backend = lease.backend().id().value();
        CompletableFuture<HttpResponse<Void>> sent =
                proxy.client().send(lease.backend(), request, lease.requestEdits(), body.publisher(), this);
        sending = sent;
        CompletableFuture<HttpResponse<Void>> unused = sent.whenComplete((response, failure) -> {
            if (failure != null) {
                serial.execute(() -> failed(failure));
            }
        });
    }

    /** One more piece of the body is wanted. */
    void demand() {
        if (answer != null) {
            answer.request(1);
        }
    }

    /** Nothing of it is wanted any more. */
    void abort() {
        ended = true;
        if (answer != null) {
            answer.cancel();
        } else if (sending != null) {
            sending.cancel(true);
        }
    }

    @Override
    public BodySubscriber<Void> apply(ResponseInfo head) {
        serial.execute(() -> {
            headSeen = true;
            if (!ended) {
                listener.head(this, head);
            }
            spareThread(head);
            headHeard.complete(null);
        });
        return this;
    }

    // From here on the subscriber hears all. The client would complete the future on another thread, which Java before
    // 25 starts for that on a machine with two processors; it lets be what is complete by the time that the body is
    // there, so that waits for this. Over HTTP/2 Java 17 tells nobody but the future of a connection that is gone by
    // now; and what has been aborted must stay cancelled, or a connection whose framing nobody understands stays open.
    private void spareThread(ResponseInfo head) {
        if (sending != null && !ended && head.version() == HttpClient.Version.HTTP_1_1) {
            sending.complete(null);
        }
    }

    @Override
    public CompletionStage<Void> getBody() {
        return headHeard;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        serial.execute(() -> {
            answer = subscription;
            if (ended) {
                subscription.cancel();
            } else {
                subscription.request(1);
            }
        });
    }

    @Override
    public void onNext(List<ByteBuffer> burst) {
        serial.execute(() -> {
            if (!ended) {
                listener.content(burst);
            }
        });
    }

    @Override
    public void onComplete() {
        serial.execute(() -> {
            if (!ended) {
                ended = true;
                listener.bodyEnded();
            }
        });
    }

    @Override
    public void onError(Throwable failure) {
        serial.execute(() -> failed(failure));
    }

    private void failed(Throwable failure) {
        if (!ended) {
            ended = true;
            log.debug("back end {} failed: {}", backend, failure.toString());
            listener.failed(headSeen ? FailureKind.TRUNCATED : kind(failure));
        }
    }

    private static FailureKind kind(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException
                    || cause instanceof HttpConnectTimeoutException
                    || cause instanceof SSLHandshakeException
                    || cause instanceof SSLPeerUnverifiedException) {
                return FailureKind.CONNECT;
            } else if (cause instanceof ProtocolException) {
                return FailureKind.PROTOCOL;
            }
        }
        return FailureKind.NO_RESPONSE;
    }
}
