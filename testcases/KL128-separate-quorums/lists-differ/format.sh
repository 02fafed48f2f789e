#!/bin/sh
kafka-storage.sh format -I 1@10.20.0.11:9093:JEXY6aqzQY-32P5TStzaFg -t Jw1VvHcIRz-lwnPSJmuXaQ -c k1/server.properties
kafka-storage.sh format -I 2@10.20.0.12:9093:MvDxzVmcRsaTz33bUuRU6A -t Jw1VvHcIRz-lwnPSJmuXaQ -c k2/server.properties
