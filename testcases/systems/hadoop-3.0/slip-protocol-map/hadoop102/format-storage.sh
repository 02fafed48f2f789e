#!/bin/bash
# run once on this machine, before its first start
KAFKA_HOME=/opt/module/kafka2
$KAFKA_HOME/bin/kafka-storage.sh format -t x3Vd0cTgQmW5uKqJ9rLb2A -c $KAFKA_HOME/config/kraft/server.properties
