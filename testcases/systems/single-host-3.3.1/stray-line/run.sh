#!/usr/bin/env bash
# three containers, each with its own Kafka folder and its own data folder
set -eu
base=/srv/kraft
docker run -itd --network host --name kraft-1 -v "$base/data/node1:/tmp/kraft-combined-logs" -v "$base/node1:/opt/kafka" local/kafka-kraft:0.1 /bin/bash
docker run -itd --network host --name kraft-2 -v "$base/data/node2:/tmp/kraft-combined-logs" -v "$base/node2:/opt/kafka" local/kafka-kraft:0.1 /bin/bash
docker run -itd --network host --name kraft-3 -v "$base/data/node3:/tmp/kraft-combined-logs" -v "$base/node3:/opt/kafka" local/kafka-kraft:0.1 /bin/bash
