#!/bin/bash
# start or stop Kafka on all machines: kf2.sh start|stop
hosts="hadoop102 hadoop103 hadoop104"
home=/opt/module/kafka2

case "$1" in
start)
    for h in $hosts; do
        echo "== $h: starting =="
        ssh "$h" "$home/bin/kafka-server-start.sh -daemon $home/config/kraft/server.properties"
    done ;;
stop)
    for h in $hosts; do
        echo "== $h: stopping =="
        ssh "$h" "$home/bin/kafka-server-stop.sh"
    done ;;
*)
    echo "usage: $0 start|stop" >&2
    exit 64 ;;
esac
