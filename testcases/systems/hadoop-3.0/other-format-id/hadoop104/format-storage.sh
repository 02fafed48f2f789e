#!/bin/bash
# run once on this machine, before its first start
KAFKA_HOME=/opt/module/kafka2
$KAFKA_HOME/bin/kafka-storage.sh format -t Fh7sYp1NTZyO4eRkC6wXmg -c $KAFKA_HOME/config/kraft/server.properties
