package dev.remora.redis;

import java.util.Iterator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The keys that are known here: at most so many. All others together have one account, in Redis too, so that nobody gets more
 * than before, however many keys come.
 */
final class Accounts {

    private static final int LONGEST_KEY = 64;

    private final int most;
    private final LimitKeys keys;
    private final BiFunction<String, String, Account> opener;
    private final Account others;
    private final ConcurrentMap<String, Account> known = new ConcurrentHashMap<>();
    // A place is counted before a key gets in.
    private final AtomicInteger count = new AtomicInteger();

    /**
     * No keys yet.
     *
     * @param opener makes an account of a key and of its name in Redis
     */
    Accounts(int most, LimitKeys keys, BiFunction<String, String, Account> opener) {
        this.most = most;
        this.keys = keys;
        this.opener = opener;
        this.others = opener.apply("(all other keys)", keys.nameOfOthers());
    }

    /** The account of a key, which is known from now on if there is a place. */
    Account find(String key) {
        String id = idOf(key);
        Account found = known.get(id);
        return found == null ? admit(id, key) : found;
    }

    private Account admit(String id, String key) {
        if (count.incrementAndGet() > most) {
            count.decrementAndGet();
            return others;
        }
        Account fresh = opener.apply(id, keys.nameOf(key));
        Account first = known.putIfAbsent(id, fresh);
        if (first != null) {
            count.decrementAndGet();
            return first;
        }
        return fresh;
    }

    /** The account that knows of a key; nothing when none does. */
    @Nullable
    Account known(String key) {
        Account found = known.get(idOf(key));
        return found == null && count.get() >= most ? others : found;
    }

    /** What a key would get that is not known. */
    Account fresh(String key) {
        return opener.apply(key, keys.nameOf(key));
    }

    /** Forgets an account that is of no use any more. */
    void forget(Account account) {
        if (known.remove(account.key, account)) {
            count.decrementAndGet();
        }
    }

    boolean isOfOthers(Account account) {
        return account.equals(others);
    }

    Account others() {
        return others;
    }

    Iterator<Account> all() {
        return known.values().iterator();
    }

    int size() {
        return count.get();
    }

    // Longer than any key that stands for itself.
    private static String idOf(String key) {
        return key.length() <= LONGEST_KEY ? key : "-".repeat(LONGEST_KEY) + SessionKeys.digest(key);
    }
}
