#!/bin/sh
set -e
bin/kafka-storage.sh format -t AAECAwQFBgcICQoLDA0ODw -c config/server.properties
bin/kafka-server-start.sh -daemon config/server.properties
