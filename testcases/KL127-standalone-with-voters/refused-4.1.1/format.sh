#!/bin/sh
kafka-storage.sh format --standalone -t Jw1VvHcIRz-lwnPSJmuXaQ -c server.properties
