package dev.remora.inspect;

import dev.remora.exchange.Outcome;
import dev.remora.exchange.RequestView;
import dev.remora.guard.Admission;
import dev.remora.guard.Guard;
import dev.remora.guard.Permit;
import dev.remora.guard.Visitor;
import dev.remora.http.HeaderEdits;
import dev.remora.http.Problem;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Inspects the head of a request when it comes, and its body when the adapter shows it. Its scores are its own. */
final class InspectionGuard implements Guard {

    private static final Logger log = LoggerFactory.getLogger(Inspection.class);

    // Who asks which words are refused is not told.
    private static final Admission.Denied REFUSED = new Admission.Denied(
            Problem.of(403, "Forbidden", "This request is not accepted here."), HeaderEdits.none());

    private final Inspector inspector;
    private final InspectionListener listener;
    private final List<String> headers;
    private final int threshold;
    private final int characters;
    private final int formBytes;
    private final int bodyBytes;
    private final boolean blocking;
    private final boolean refusingTruncated;
    private final boolean showingTexts;

    InspectionGuard(Inspection settings) {
        this.inspector = settings.inspector;
        this.listener = settings.listener;
        this.headers = settings.headers;
        this.threshold = settings.threshold;
        this.characters = settings.characters;
        this.formBytes = settings.formBytes;
        this.bodyBytes = settings.bodyBytes;
        this.blocking = settings.blocking;
        this.refusingTruncated = settings.refusingTruncated;
        this.showingTexts = settings.showingTexts;
    }

    @Override
    public Admission admit(RequestView request, Visitor visitor) {
        RequestTexts texts = new RequestTexts(characters);
        texts.target(request.target());
        for (String header : headers) {
            request.headers(header).forEach(value -> texts.header(header, value));
        }
        request.headers("cookie").forEach(texts::cookies);
        if (isRefused(List.of(texts), visitor)) {
            return REFUSED;
        }
        if (formBytes == 0 && bodyBytes == 0) {
            return Admission.admitted();
        }
        BodyFormat format = BodyFormat.of(request);
        int most = format.kind() == BodyKind.FORM ? formBytes : bodyBytes;
        return most == 0 ? Admission.admitted() : Admission.admitted(new BodyPermit(format, most, visitor));
    }

    /** Of several ways to read the same bytes the most suspicious one counts. */
    private boolean isRefused(List<RequestTexts> readings, Visitor visitor) {
        List<Finding> findings = List.of();
        int truncated = 0;
        for (RequestTexts texts : readings) {
            List<Finding> found = findings(texts);
            findings = score(found) > score(findings) ? found : findings;
            truncated = Math.max(truncated, texts.truncated());
        }
        boolean incomplete = truncated > 0;
        boolean refused = blocking && (score(findings) >= threshold || (refusingTruncated && incomplete));
        if (incomplete || !findings.isEmpty()) {
            tell(visitor, new InspectionReport(findings, truncated, refused));
        }
        return refused;
    }

    private List<Finding> findings(RequestTexts texts) {
        List<Finding> findings = new ArrayList<>(0);
        for (Inspected text : texts.texts()) {
            for (Finding finding : inspector.inspect(text)) {
                findings.add(showingTexts ? finding.showing(text.text()) : finding);
            }
        }
        return findings;
    }

    private static long score(List<Finding> findings) {
        return findings.stream().mapToLong(Finding::score).sum();
    }

    private void tell(Visitor visitor, InspectionReport report) {
        try {
            listener.inspected(visitor, report);
        } catch (RuntimeException e) {
            log.warn("an inspection listener threw; the request goes its way all the same", e);
        }
    }

    private final class BodyPermit implements Permit {
        private final BodyFormat format;
        private final int most;
        private final Visitor visitor;

        BodyPermit(BodyFormat format, int most, Visitor visitor) {
            this.format = format;
            this.most = most;
            this.visitor = visitor;
        }

        // One more tells whether there is more.
        @Override
        public int wantsRequestBody() {
            return most + 1;
        }

        @Override
        public Optional<Admission.Denied> requestBody(ByteBuffer beginning) {
            return isRefused(format.read(beginning, most), visitor) ? Optional.of(REFUSED) : Optional.empty();
        }

        @Override
        public void ended(Outcome outcome) {}
    }
}
