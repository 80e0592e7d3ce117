package dev.remora.benchmarks.compare;

import dev.remora.benchmarks.peer.Contender;
import java.awt.Dimension;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGraphics2D;
import org.jfree.chart.JFreeChart;
import org.w3c.dom.Document;

/**
 * A drawing of the findings, written as SVG and PNG.
 *
 * @param name of the files
 * @param chart what is drawn
 * @param size in pixels
 */
record Plot(String name, JFreeChart chart, Dimension size) {

    private static final int WIDTH = 1_100;
    private static final int ROW = 24;
    private static final int AROUND = 120;
    private static final int PIXELS_PER_PIXEL = 2;

    static List<Plot> of(Variant variant, List<Contender> contenders, Findings findings) {
        return List.of(
                of(
                        "pickers-by-key",
                        "A pick by key",
                        contender -> contender.kind().keyed(),
                        variant,
                        contenders,
                        findings),
                of(
                        "pickers-without-key",
                        "A pick without a key",
                        contender -> !contender.kind().keyed() && contender != Contender.FLOOR,
                        variant,
                        contenders,
                        findings));
    }

    private static Plot of(
            String name,
            String title,
            Predicate<Contender> wanted,
            Variant variant,
            List<Contender> contenders,
            Findings findings) {
        int largest = variant.sizes().get(variant.sizes().size() - 1);
        List<Contender> rows = contenders.stream()
                .filter(wanted)
                .filter(contender -> variant.sizes().stream()
                        .anyMatch(size -> findings.pick(contender, size).isPresent()))
                .sorted(Comparator.comparingDouble(contender -> findings.speed(contender, largest)))
                .toList();
        JFreeChart chart = new PickChart(title, variant.sizes(), rows, findings).chart();
        return new Plot(name, chart, new Dimension(WIDTH, AROUND + ROW * rows.size()));
    }

    void write(Path directory) throws IOException {
        writeSvg(directory.resolve(name + ".svg"));
        writePng(directory.resolve(name + ".png"));
    }

    private void writeSvg(Path file) throws IOException {
        SVGGraphics2D graphics = new SVGGraphics2D(emptyDocument());
        graphics.setSVGCanvasSize(size);
        chart.draw(graphics, new Rectangle2D.Double(0, 0, size.width, size.height));
        try (Writer writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            graphics.stream(writer, true);
        }
    }

    private static Document emptyDocument() {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation()
                    .createDocument("http://www.w3.org/2000/svg", "svg", null);
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("the JDK cannot make an empty document", e);
        }
    }

    private void writePng(Path file) throws IOException {
        BufferedImage image = new BufferedImage(
                size.width * PIXELS_PER_PIXEL, size.height * PIXELS_PER_PIXEL, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.scale(PIXELS_PER_PIXEL, PIXELS_PER_PIXEL);
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        chart.draw(graphics, new Rectangle2D.Double(0, 0, size.width, size.height));
        graphics.dispose();
        ImageIO.write(image, "png", file.toFile());
    }
}
