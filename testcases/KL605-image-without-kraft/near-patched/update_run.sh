#!/bin/sh
sed -i /KAFKA_ZOOKEEPER_CONNECT/d /etc/confluent/docker/configure
