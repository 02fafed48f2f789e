#!/usr/bin/env bash
docker exec kraft-1 /opt/kafka/bin/kafka-topics.sh --bootstrap-server 127.0.0.1:9023 --create --topic foo --partitions 1 --replication-factor 1
