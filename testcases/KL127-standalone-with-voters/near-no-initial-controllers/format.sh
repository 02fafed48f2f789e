#!/bin/sh
kafka-storage.sh format -N -t Jw1VvHcIRz-lwnPSJmuXaQ -c server.properties
