"""Counts the rows of every table of a lake, by a reader that is neither ours nor Java, against a demo's summary."""

import json
import os
import sys

from deltalake import DeltaTable

lake, summary = sys.argv[1:]
with open(summary, encoding="utf-8") as file:
    expected = json.load(file)["tables"]
counted = {}
for name in sorted(os.listdir(lake)):
    if os.path.isdir(os.path.join(lake, name, "_delta_log")):
        table = DeltaTable(os.path.join(lake, name)).to_pyarrow_dataset()
        # Rows with all their columns, not what the log says of their number.
        counted[name] = sum(batch.num_rows for batch in table.to_batches())
for name, rows in counted.items():
    print(f"{name:32} {rows:12,}")
if counted != expected:
    sys.exit(f"deltalake counts {counted}, and the demo {expected}")
print(f"deltalake reads a row for each record, {sum(counted.values()):,} in all.")
