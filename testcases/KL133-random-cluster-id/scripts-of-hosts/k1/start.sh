#!/bin/sh
set -e
bin/kafka-storage.sh format -t $(bin/kafka-storage.sh random-uuid) -c config/server.properties
bin/kafka-server-start.sh -daemon config/server.properties
