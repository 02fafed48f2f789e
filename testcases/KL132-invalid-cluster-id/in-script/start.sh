#!/bin/sh
set -e
bin/kafka-storage.sh format -t kafka-cluster-1 -c config/server.properties
bin/kafka-server-start.sh -daemon config/server.properties
