package dev.remora.dns;

import dev.remora.exchange.NanoClock;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.NameTooLongException;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** Asks the resolvers for one lookup: each question one after the other, twice. Used by one thread. */
final class Resolvers {

    private static final int ROUNDS = 2;

    // A lookup of many targets may not wait for each of them.
    private static final int TIMEOUTS_IN_ALL = 10;

    private final Optional<InetSocketAddress> own;
    private final Duration timeout;
    private final NanoClock clock;
    private final long beganNanos;

    Resolvers(DnsSettings settings, NanoClock clock) {
        this.own = settings.resolver();
        this.timeout = settings.timeout();
        this.clock = clock;
        this.beganNanos = clock.nanos();
    }

    /**
     * The records of a name that are of one type.
     *
     * @param records at least one
     * @param ttlSeconds the least time to live of all that led to them, aliases too
     */
    record Answer(List<Record> records, long ttlSeconds) {}

    /** Reads the system's configuration anew: a network may have changed since the JVM began. */
    void refresh() {
        if (own.isEmpty()) {
            ResolverConfig.refresh();
        }
    }

    Answer ask(Name name, int type) throws LookupFailed, InterruptedException {
        LookupFailed absent = LookupFailed.absent("no name to look up");
        for (Name candidate : candidates(name)) {
            try {
                return askFor(candidate, type);
            } catch (LookupFailed e) {
                if (!e.isAbsent()) {
                    throw e;
                }
                absent = e;
            }
        }
        throw absent;
    }

    // As the C library does: a name of few dots is looked for on the search path first.
    private List<Name> candidates(Name name) throws LookupFailed {
        try {
            if (name.isAbsolute()) {
                return List.of(name);
            }
            Name absolute = Name.concatenate(name, Name.root);
            if (own.isPresent()) {
                return List.of(absolute);
            }
            ResolverConfig config = ResolverConfig.getCurrentConfig();
            List<Name> names = new ArrayList<>();
            for (Name suffix : config.searchPath()) {
                names.add(Name.concatenate(Name.concatenate(name, suffix), Name.root));
            }
            names.add(name.labels() > config.ndots() ? 0 : names.size(), absolute);
            return names;
        } catch (NameTooLongException e) {
            throw LookupFailed.broken(name + " is too long with the search path");
        }
    }

    private Answer askFor(Name name, int type) throws LookupFailed, InterruptedException {
        String question = name + " " + Type.string(type);
        List<InetSocketAddress> servers = own.map(List::of)
                .orElseGet(() -> ResolverConfig.getCurrentConfig().servers());
        LookupFailed failure = LookupFailed.broken("there is no resolver to ask");
        for (int round = 0; round < ROUNDS; round++) {
            for (InetSocketAddress server : servers) {
                try {
                    return records(
                            question,
                            type,
                            send(server, question, Message.newQuery(Record.newRecord(name, type, DClass.IN))));
                } catch (LookupFailed e) {
                    if (e.isAbsent()) {
                        throw e;
                    }
                    failure = e;
                }
            }
        }
        throw failure;
    }

    private Message send(InetSocketAddress server, String question, Message query)
            throws LookupFailed, InterruptedException {
        if (clock.nanos() - beganNanos > timeout.multipliedBy(TIMEOUTS_IN_ALL).toNanos()) {
            throw LookupFailed.broken(question + ": the lookup takes too long");
        }
        SimpleResolver resolver = new SimpleResolver(server);
        resolver.setTimeout(timeout);
        CompletableFuture<Message> answer =
                resolver.sendAsync(query, Runnable::run).toCompletableFuture();
        try {
            // dnsjava looks at its timeouts once a second only.
            Message message =
                    answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS).normalize(query);
            if (message == null) {
                throw LookupFailed.broken(question + ": the answer is not one to the question");
            }
            return message;
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw LookupFailed.broken(question + ": no answer");
        } catch (ExecutionException e) {
            throw LookupFailed.broken(question + ": no answer");
        }
    }

    private static Answer records(String question, int type, Message message) throws LookupFailed {
        int code = message.getRcode();
        if (code == Rcode.NXDOMAIN) {
            throw LookupFailed.absent(question + ": there is no such name");
        }
        if (code != Rcode.NOERROR) {
            throw LookupFailed.broken(question + ": the answer is " + Rcode.string(code));
        }
        List<Record> records = new ArrayList<>();
        long ttlSeconds = Long.MAX_VALUE;
        for (Record each : message.getSection(Section.ANSWER)) {
            ttlSeconds = Math.min(ttlSeconds, each.getTTL());
            if (each.getType() == type) {
                records.add(each);
            }
        }
        if (records.isEmpty()) {
            throw LookupFailed.absent(question + ": the answer is empty");
        }
        return new Answer(records, ttlSeconds);
    }
}
