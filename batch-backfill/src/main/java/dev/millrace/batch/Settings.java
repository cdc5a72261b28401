package dev.millrace.batch;

/**
 * Where things are, and how much is done at once.
 *
 * @param lake the folder of the tables, as a URI
 * @param artifacts the artifact store
 * @param piiKeys folder with a file per key that a contract names
 * @param partitions into how many parts users are divided; changes no result
 */
record Settings(String lake, String artifacts, String piiKeys, int partitions) {}
