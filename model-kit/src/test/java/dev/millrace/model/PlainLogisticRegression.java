package dev.millrace.model;

import dev.millrace.model.LogisticRegression.Term;
import dev.millrace.model.LogisticRegression.Transform;
import java.util.List;

/** The slow, obvious twin of the graph: plain double arithmetic, term by term. */
record PlainLogisticRegression(LogisticRegression model) {

  double probability(double[] row) {
    return 1 / (1 + StrictMath.exp(-margin(row)));
  }

  double margin(double[] row) {
    double margin = model.intercept();
    for (double contribution : contributions(row)) {
      margin += contribution;
    }
    return margin;
  }

  double[] contributions(double[] row) {
    List<Term> terms = model.terms();
    double[] contributions = new double[row.length];
    for (int i = 0; i < row.length; i++) {
      Term term = terms.get(i);
      double value = Double.isNaN(row[i]) ? term.fill() : row[i];
      double transformed =
          term.transform() == Transform.LOG1P ? StrictMath.log(1 + Math.max(value, 0)) : value;
      contributions[i] = term.weight() * (transformed - term.mean()) / term.scale();
    }
    return contributions;
  }
}
