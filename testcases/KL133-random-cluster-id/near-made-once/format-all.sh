#!/bin/sh
CLUSTER_ID="$(bin/kafka-storage.sh random-uuid)"
for n in 1 2; do
  bin/kafka-storage.sh format -t "$CLUSTER_ID" -c config/server-$n.properties
done
