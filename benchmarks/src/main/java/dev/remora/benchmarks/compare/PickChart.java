package dev.remora.benchmarks.compare;

import dev.remora.benchmarks.peer.Contender;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Paint;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.util.List;
import java.util.Optional;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.annotations.CategoryTextAnnotation;
import org.jfree.chart.axis.AxisLocation;
import org.jfree.chart.axis.CategoryAnchor;
import org.jfree.chart.axis.CategoryAxis;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.DatasetRenderingOrder;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.renderer.category.IntervalBarRenderer;
import org.jfree.chart.renderer.category.LineAndShapeRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.chart.title.TextTitle;
import org.jfree.chart.ui.HorizontalAlignment;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.category.DefaultCategoryDataset;
import org.jfree.data.category.DefaultIntervalCategoryDataset;

/**
 * One row for each contender, the fastest on top; one dot for each size of the pool, the larger the more members; the
 * time on a logarithmic axis. Remora is blue; who is wrong is red, and why stands beside it.
 */
final class PickChart {

    private static final Color OURS = new Color(0x0B5FFF);
    private static final Color PEER = new Color(0x8A94A3);
    private static final Color WRONG = new Color(0xD64545);
    private static final Color TEXT = new Color(0x1F2933);
    private static final Color GRID = new Color(0xE4E7EB);
    private static final String FONT = Font.SANS_SERIF;
    private static final double[] DIAMETERS = {6, 9, 12};
    private static final double LETTERS_PER_DECADE = 15;
    private static final double GAP = 1.35;

    private final String title;
    private final List<Integer> sizes;
    private final List<Contender> rows;
    private final Findings findings;

    PickChart(String title, List<Integer> sizes, List<Contender> rows, Findings findings) {
        this.title = title;
        this.sizes = List.copyOf(sizes);
        this.rows = List.copyOf(rows);
        this.findings = findings;
    }

    JFreeChart chart() {
        CategoryPlot plot = new CategoryPlot(dots(), names(), time(), new Dots());
        plot.setOrientation(PlotOrientation.HORIZONTAL);
        plot.setDataset(1, spans());
        plot.setRenderer(1, new Spans());
        plot.setDatasetRenderingOrder(DatasetRenderingOrder.REVERSE);
        plot.setRangeAxisLocation(AxisLocation.BOTTOM_OR_LEFT);
        plot.setBackgroundPaint(Color.WHITE);
        plot.setOutlineVisible(false);
        plot.setRangeGridlinePaint(GRID);
        plot.setRangeGridlineStroke(new BasicStroke(1));
        plot.setDomainGridlinesVisible(true);
        plot.setDomainGridlinePaint(GRID);
        plot.setDomainGridlineStroke(new BasicStroke(0.5f));
        rows.forEach(row -> words(row).ifPresent(plot::addAnnotation));
        JFreeChart chart = new JFreeChart(null, null, plot, false);
        chart.setBackgroundPaint(Color.WHITE);
        chart.setPadding(new RectangleInsets(12, 12, 12, 12));
        chart.setTitle(heading(title, new Font(FONT, Font.BOLD, 18), TEXT));
        chart.addSubtitle(heading(
                "Time of one pick by one thread, among 10, 100 and 1,000 members (small to large dots)."
                        + " Blue: Remora. Red: wrong, whatever its speed.",
                new Font(FONT, Font.PLAIN, 12),
                PEER.darker()));
        return chart;
    }

    private static TextTitle heading(String text, Font font, Paint paint) {
        TextTitle heading = new TextTitle(text, font);
        heading.setPaint(paint);
        heading.setHorizontalAlignment(HorizontalAlignment.LEFT);
        heading.setTextAlignment(HorizontalAlignment.LEFT);
        heading.setMargin(0, 0, 6, 0);
        heading.setExpandToFitSpace(true);
        return heading;
    }

    private CategoryAxis names() {
        CategoryAxis axis = new CategoryAxis();
        axis.setTickLabelFont(new Font(FONT, Font.PLAIN, 12));
        axis.setAxisLineVisible(false);
        axis.setTickMarksVisible(false);
        axis.setLowerMargin(0.01);
        axis.setUpperMargin(0.01);
        axis.setMaximumCategoryLabelWidthRatio(0.4f);
        for (Contender row : rows) {
            axis.setTickLabelPaint(row.label(), row.ours() ? OURS : TEXT);
            if (row.ours()) {
                axis.setTickLabelFont(row.label(), new Font(FONT, Font.BOLD, 12));
            }
        }
        return axis;
    }

    private LogAxis time() {
        LogAxis axis = new LogAxis();
        axis.setBase(10);
        axis.setNumberFormatOverride(new TimeFormat());
        axis.setTickLabelFont(new Font(FONT, Font.PLAIN, 12));
        axis.setTickLabelPaint(TEXT);
        axis.setAxisLineVisible(false);
        axis.setMinorTickMarksVisible(false);
        axis.setTickUnit(new NumberTickUnit(1));
        axis.setRange(0.5, rows.stream().mapToDouble(this::end).max().orElse(1));
        return axis;
    }

    // Where the row ends, with the words that stand behind it.
    private double end(Contender row) {
        int letters = faults(row).stream().findFirst().map(String::length).orElse(0);
        return extreme(row, true) * 2.5 * Math.pow(10, letters / LETTERS_PER_DECADE);
    }

    private double extreme(Contender row, boolean highest) {
        var times = sizes.stream()
                .flatMap(size -> findings.pick(row, size).stream())
                .mapToDouble(Reading::nanos)
                .summaryStatistics();
        return highest ? times.getMax() : times.getMin();
    }

    private DefaultCategoryDataset dots() {
        DefaultCategoryDataset dots = new DefaultCategoryDataset();
        for (int size : sizes) {
            for (Contender row : rows) {
                dots.addValue(findings.pick(row, size).map(Reading::nanos).orElse(null), (Integer) size, row.label());
            }
        }
        return dots;
    }

    private DefaultIntervalCategoryDataset spans() {
        double[][] low = new double[1][rows.size()];
        double[][] high = new double[1][rows.size()];
        for (int i = 0; i < rows.size(); i++) {
            low[0][i] = extreme(rows.get(i), false);
            high[0][i] = extreme(rows.get(i), true);
        }
        DefaultIntervalCategoryDataset spans = new DefaultIntervalCategoryDataset(low, high);
        spans.setCategoryKeys(rows.stream().map(Contender::label).toArray(String[]::new));
        return spans;
    }

    private Optional<CategoryTextAnnotation> words(Contender row) {
        List<String> faults = faults(row);
        if (faults.isEmpty()) {
            return Optional.empty();
        }
        CategoryTextAnnotation words = new CategoryTextAnnotation(faults.get(0), row.label(), extreme(row, true) * GAP);
        words.setFont(new Font(FONT, Font.PLAIN, 11));
        words.setPaint(WRONG);
        words.setCategoryAnchor(CategoryAnchor.MIDDLE);
        words.setTextAnchor(TextAnchor.CENTER_LEFT);
        return Optional.of(words);
    }

    // Of the sizes, the last one at which something is wrong speaks.
    private List<String> faults(Contender row) {
        for (int i = sizes.size() - 1; i >= 0; i--) {
            Verdict verdict = Verdict.of(row, sizes.get(i), findings);
            if (!verdict.right()) {
                return verdict.faults();
            }
        }
        return List.of();
    }

    private Color color(int column) {
        Contender row = rows.get(column);
        if (row.ours()) {
            return OURS;
        }
        return faults(row).isEmpty() ? PEER : WRONG;
    }

    /** The dots; their colour depends on the row. */
    private final class Dots extends LineAndShapeRenderer {
        private static final long serialVersionUID = 1L;

        Dots() {
            super(false, true);
            setDrawOutlines(true);
            setUseOutlinePaint(true);
            setUseFillPaint(true);
            setDefaultOutlinePaint(Color.WHITE);
            setDefaultOutlineStroke(new BasicStroke(1));
        }

        @Override
        public Shape getItemShape(int series, int column) {
            double d = DIAMETERS[Math.min(series, DIAMETERS.length - 1)];
            return new Ellipse2D.Double(-d / 2, -d / 2, d, d);
        }

        @Override
        public Paint getItemPaint(int series, int column) {
            return color(column);
        }

        @Override
        public Paint getItemFillPaint(int series, int column) {
            return color(column);
        }
    }

    /** The thin lines that join them. */
    private final class Spans extends IntervalBarRenderer {
        private static final long serialVersionUID = 1L;

        Spans() {
            setBarPainter(new StandardBarPainter());
            setShadowVisible(false);
            setDrawBarOutline(false);
            setMaximumBarWidth(0.003);
        }

        @Override
        public Paint getItemPaint(int series, int column) {
            Color color = color(column);
            return new Color(color.getRed(), color.getGreen(), color.getBlue(), 110);
        }
    }
}
