/** MLflow model directories, and the evaluation of the ONNX graphs in them, in double precision. */
@NullMarked
package dev.millrace.model;

import org.jspecify.annotations.NullMarked;
