#!/bin/sh
set -e
bin/kafka-storage.sh format -t EBESExQVFhcYGRobHB0eHw -c config/server.properties
bin/kafka-server-start.sh -daemon config/server.properties
