#!/bin/sh
kafka-storage.sh format -t Jw1VvHcIRz-lwnPSJmuXaQ -c server.properties -I 1@10.20.0.11:9093:JEXY6aqzQY-32P5TStzaFg,2@10.20.0.12:9093
