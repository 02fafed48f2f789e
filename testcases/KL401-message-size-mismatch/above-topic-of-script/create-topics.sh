#!/bin/sh
set -e
kafka-topics.sh --bootstrap-server kafka1:9092 --create --topic uploads \
  --partitions 6 --replication-factor 1 --config max.message.bytes=2097152
