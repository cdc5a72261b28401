"""Compares the Gold tables of a lake with plain SQL over the truth: the lines that were generated and had to be clean.

    check-gold.py LAKE EVENTS TRUTH

Reads the tables by a reader that is neither ours nor Java. What comes from the geo database or is a token of personal
data is left out, and so are events that were late, which a line does not tell."""

import datetime
import decimal
import hashlib
import json
import os
import sqlite3
import sys
import unicodedata

from deltalake import DeltaTable

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def micros(number):
    """A number, or text that is one, × 1 000 000."""
    if number is None:
        return None
    scaled = decimal.Decimal(str(number).strip()) * 1_000_000
    if scaled != int(scaled):
        raise ValueError(f"{number} is no whole number of millionths")
    return int(scaled)


def whole(number):
    return None if number is None else int(decimal.Decimal(str(number).strip()))


def text(value):
    """Without the space around it; nothing if there is nothing else."""
    return (str(value).strip() or None) if value is not None else None


def lower(value):
    return value.lower() if value is not None else None


def upper(value):
    return value.upper() if value is not None else None


def time(value):
    """Microseconds since 1970."""
    at = datetime.datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
    if at.tzinfo is None:
        at = at.replace(tzinfo=datetime.timezone.utc)
    return (at - EPOCH) // datetime.timedelta(microseconds=1)


def nfc(value):
    return unicodedata.normalize("NFC", value) if value is not None else None


def location(country, region, city):
    if country is None and region is None and city is None:
        return None
    parts = "".join("-" if part is None else f"{len(part)}:{part}" for part in (country, region, city))
    return hashlib.sha256(parts.encode()).hexdigest()[:32]


def utc(at):
    return EPOCH + datetime.timedelta(microseconds=at)


def iso_week(at):
    return utc(at).isocalendar()[1]


def iso_year(at):
    return utc(at).isocalendar()[0]


EVENT = (
    "user_id, event_id, event_time, event_type, country, region, city, device_id, product_id, product_category, "
    "quantity, value_micros, currency, duration_micros, order_id, time_id"
)

def load(events, truth):
    database = sqlite3.connect(":memory:")
    for function in (iso_week, iso_year):
        database.create_function(function.__name__, 1, function, deterministic=True)
    database.create_function("location", 3, location, deterministic=True)
    database.execute(f"create table events ({EVENT})")
    derived = 0
    with open(events, "rb") as lines, open(truth, encoding="utf-8") as truths:
        for line, said in zip(lines, truths, strict=True):
            if json.loads(said)["outcome"] != "clean":
                continue
            event = json.loads(line, parse_float=decimal.Decimal)
            at = time(event["event_time"])
            event_id = text(event.get("event_id"))
            if event_id is None:
                # Its id is a hash that only Millrace makes; no order is without one.
                derived += 1
                event_id = f"derived {derived}"
            database.execute(
                f"insert into events ({EVENT}) values ({','.join('?' * 16)})",
                (
                    text(event["user_id"]),
                    event_id,
                    at,
                    lower(text(event["event_type"])),
                    nfc(text(event.get("country"))),
                    nfc(text(event.get("region"))),
                    nfc(text(event.get("city"))),
                    text(event.get("device_id")),
                    text(event.get("product_id")),
                    text(event.get("product_category")),
                    whole(event.get("quantity")),
                    micros(event.get("value")),
                    upper(text(event.get("currency"))) or "XXX",
                    micros(event.get("duration")),
                    text(event.get("order_id")) or event_id,
                    int(utc(at).strftime("%Y%m%d%H")),
                ),
            )
    database.execute("create index by_user on events (user_id, event_time)")
    database.execute("create index by_product on events (product_id, event_time)")
    database.execute("create index by_order on events (user_id, order_id, currency)")
    return database


ORDER = "event_type in ('purchase', 'logout_with_purchase')"


def latest(columns, where, same):
    """The time and the columns of the event with the greatest time; of several, the greatest values."""
    names = ["event_time"] + columns
    return ", ".join(
        f"(select l.{name} from events l where {where} and {same} order by "
        + ", ".join(f"l.{by} desc" for by in names)
        + " limit 1)"
        for name in names
    )


OF_USER = "l.user_id = e.user_id"
OF_ORDER = "l.user_id = e.user_id and l.order_id = e.order_id and l.currency = e.currency"
PLACE = "coalesce(l.country, l.region, l.city) is not null"
LATEST_ORDER = [
    "event_id",
    "product_id",
    "product_category",
    "quantity",
    "value_micros",
]

# Each table: the columns that are compared, and the one statement that says what they have.
TRUTH = {
    "dim_users": (
        "user_id first_seen_at last_seen_at signed_up_at place_at country region city device_at device_id events",
        f"""
        select user_id, min(event_time), max(event_time),
          min(case when event_type = 'signup' then event_time end),
          {latest(["country", "region", "city"], PLACE, OF_USER)},
          {latest(["device_id"], "l.device_id is not null", OF_USER)},
          count(*)
        from events e group by user_id""",
    ),
    "dim_location": (
        "location_id country region city first_seen_at last_seen_at events",
        """
        select location(country, region, city), country, region, city, min(event_time), max(event_time), count(*)
        from events where coalesce(country, region, city) is not null group by country, region, city""",
    ),
    "dim_time": (
        "time_id date hour iso_day_of_week iso_week iso_year month quarter year is_weekend",
        """
        select time_id, date(event_time / 1000000, 'unixepoch'), time_id % 100,
          (strftime('%w', event_time / 1000000, 'unixepoch') + 6) % 7 + 1,
          iso_week(event_time), iso_year(event_time), time_id / 10000 % 100, (time_id / 10000 % 100 + 2) / 3,
          time_id / 1000000, strftime('%w', event_time / 1000000, 'unixepoch') in ('0', '6')
        from events group by time_id""",
    ),
    "dim_product": (
        "product_id category_at product_category first_seen_at last_seen_at events",
        f"""
        select product_id,
          {latest(["product_category"], "l.product_category is not null", "l.product_id = e.product_id")},
          min(event_time), max(event_time), count(*)
        from events e where product_id is not null group by product_id""",
    ),
    "fact_orders": (
        "user_id order_id currency ordered_at event_id product_id product_category quantity value_micros location_id "
        "time_id refunds refunded_at refunded_micros chargebacks charged_back_at charged_back_micros",
        f"""
        select user_id, order_id, currency,
          {latest(LATEST_ORDER, "l." + ORDER, OF_ORDER)},
          (select location(l.country, l.region, l.city) from events l where l.{ORDER} and {OF_ORDER}
            order by l.event_time desc, l.event_id desc limit 1),
          (select l.time_id from events l where l.{ORDER} and {OF_ORDER}
            order by l.event_time desc, l.event_id desc limit 1),
          sum(event_type = 'refund'), max(case when event_type = 'refund' then event_time end),
          coalesce(sum(case when event_type = 'refund' then value_micros end), 0),
          sum(event_type = 'chargeback'), max(case when event_type = 'chargeback' then event_time end),
          coalesce(sum(case when event_type = 'chargeback' then value_micros end), 0)
        from events e where {ORDER} or event_type in ('refund', 'chargeback') group by user_id, order_id, currency""",
    ),
    "agg_user_metrics": (
        "user_id currency events logins failed_logins cart_adds checkouts orders order_value_micros refunds "
        "refunded_micros chargebacks charged_back_micros duration_micros first_event_at last_event_at",
        f"""
        select user_id, currency, count(*), sum(event_type = 'login'), sum(event_type = 'login_failed'),
          sum(event_type = 'add_to_cart'), sum(event_type = 'checkout'), sum({ORDER}),
          coalesce(sum(case when {ORDER} then value_micros end), 0),
          sum(event_type = 'refund'), coalesce(sum(case when event_type = 'refund' then value_micros end), 0),
          sum(event_type = 'chargeback'), coalesce(sum(case when event_type = 'chargeback' then value_micros end), 0),
          coalesce(sum(duration_micros), 0), min(event_time), max(event_time)
        from events group by user_id, currency""",
    ),
    "agg_category_metrics": (
        "event_date product_category currency events cart_adds orders quantity order_value_micros",
        f"""
        select date(event_time / 1000000, 'unixepoch') as day, coalesce(product_category, '') as category, currency,
          count(*), sum(event_type = 'add_to_cart'), sum({ORDER}),
          coalesce(sum(case when {ORDER} then quantity end), 0),
          coalesce(sum(case when {ORDER} then value_micros end), 0)
        from events group by day, category, currency""",
    ),
}


def plain(value):
    """As SQLite has it."""
    if isinstance(value, datetime.datetime):
        return (value - EPOCH) // datetime.timedelta(microseconds=1)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (bool, decimal.Decimal)):
        return int(value)
    return value


def main(lake, events, truth):
    database = load(events, truth)
    clean = database.execute("select count(*) from events").fetchone()[0]
    wrong = 0
    for name, (columns, statement) in TRUTH.items():
        columns = columns.split()
        table = DeltaTable(os.path.join(lake, "gold", name)).to_pyarrow_table(columns=columns)
        found = {tuple(plain(row[column]) for column in columns) for row in table.to_pylist()}
        expected = set(database.execute(statement).fetchall())
        print(f"{name:24} {table.num_rows:8,} rows, {len(columns)} columns")
        if table.num_rows != len(found):
            print(f"  {table.num_rows - len(found)} rows are there twice")
            wrong += 1
        for what, rows in (("missing", expected - found), ("unexpected", found - expected)):
            wrong += len(rows)
            for row in sorted(rows, key=str)[:3]:
                print(f"  {what}: {dict(zip(columns, row))}")
    if wrong:
        sys.exit(f"Gold differs from the truth in {wrong} rows")
    print(f"Gold of {clean:,} clean events is what plain SQL says of the truth.")


if __name__ == "__main__":
    main(*sys.argv[1:])
