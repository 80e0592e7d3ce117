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
        if (isRefused(texts, visitor)) {
            return REFUSED;
        }
        return bodyBytes == 0
                ? Admission.admitted()
                : Admission.admitted(new BodyPermit(BodyKind.of(request), visitor));
    }

    private boolean isRefused(RequestTexts texts, Visitor visitor) {
        List<Finding> findings = new ArrayList<>(0);
        long score = 0;
        for (Inspected text : texts.texts()) {
            for (Finding finding : inspector.inspect(text)) {
                score += finding.score();
                findings.add(showingTexts ? finding.showing(text.text()) : finding);
            }
        }
        boolean incomplete = texts.truncated() > 0;
        boolean refused = blocking && (score >= threshold || (refusingTruncated && incomplete));
        if (incomplete || !findings.isEmpty()) {
            tell(visitor, new InspectionReport(findings, texts.truncated(), refused));
        }
        return refused;
    }

    private void tell(Visitor visitor, InspectionReport report) {
        try {
            listener.inspected(visitor, report);
        } catch (RuntimeException e) {
            log.warn("an inspection listener threw; the request goes its way all the same", e);
        }
    }

    private final class BodyPermit implements Permit {
        private final BodyKind kind;
        private final Visitor visitor;

        BodyPermit(BodyKind kind, Visitor visitor) {
            this.kind = kind;
            this.visitor = visitor;
        }

        // One more tells whether there is more.
        @Override
        public int wantsRequestBody() {
            return bodyBytes + 1;
        }

        @Override
        public Optional<Admission.Denied> requestBody(ByteBuffer beginning) {
            RequestTexts texts = new RequestTexts(bodyBytes);
            int beyond = Math.max(0, beginning.remaining() - bodyBytes);
            texts.leaveOut(beyond);
            kind.read(beginning.duplicate().limit(beginning.limit() - beyond), texts);
            return isRefused(texts, visitor) ? Optional.of(REFUSED) : Optional.empty();
        }

        @Override
        public void ended(Outcome outcome) {}
    }
}
